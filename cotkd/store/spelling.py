"""A run that is continued may name its files in another way: `./f.jsonl`, or from another folder.

    with as_begun(config, Path("runs/first")) as (config, out):   # given "../data/f.jsonl"
        config.questions.name                                     # "f.jsonl", as it was begun

Names of files are part of what is on disk: suites are called by theirs, streams of samples by their
teacher's. So a run that goes on keeps the names with which it was begun, and works in the folder in
which it was begun. What is compared are the files: the same place, or the same content.
"""

from __future__ import annotations

import filecmp
import glob
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from cotkd.config import Config
from cotkd.store.manifest import begun_in
from cotkd.store.run import settings_of
from cotkd.store.settings import flat

C = TypeVar("C", bound=Config)

_SLICE = re.compile(r"(?P<name>.*?)(?P<slice>\[:\d+\])?", re.ASCII | re.DOTALL)


@contextmanager
def as_begun(config: C, out: Path) -> Iterator[tuple[C, Path]]:
    """Give the settings with the names of files that the run in `out` was begun with, and `out`.

    Where these lead to the same files from another folder, that is the working directory inside the
    block, and `out` is absolute; paths from elsewhere must be, too. Names that lead to other files
    stay as they are, for `RunDirectory.open` to refuse.

    Args:
        config: The settings as they are given now.
        out: The run directory, which need not exist.
    """
    now, values, before = Path.cwd(), flat(config.dump()), flat(settings_of(out))
    respelled = _respelled(values, before, now, now)
    there = begun_in(out)
    if there is not None and there != now:
        others = _respelled(values, before, there, now)
        if len(others) > len(respelled) and _unmoved(values, before, there, now):
            place = out.absolute()
            with chdir(there):
                yield _changed(config, others), place
            return
    yield (_changed(config, respelled) if respelled else config), out


def _respelled(
    values: Mapping[str, Any], before: Mapping[str, Any], then: Path, now: Path
) -> dict[str, Any]:
    """Return the former values of settings that name the same files in another way."""
    return {
        leaf: before[leaf]
        for leaf, value in values.items()
        if leaf in before and value != before[leaf] and _alike(before[leaf], then, value, now)
    }


def _unmoved(values: Mapping[str, Any], before: Mapping[str, Any], then: Path, now: Path) -> bool:
    """Return whether files that are spelled as before are the same ones in both folders."""
    same = (value for leaf, value in values.items() if before.get(leaf) == value)
    texts = (text for value in same for text in _texts(value))
    return all(_alike(text, then, text, now) for text in texts if _files(text, now)[0])


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | Mapping):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(part)


def _alike(old: Any, then: Path, new: Any, now: Path) -> bool:
    """Return whether two values are equal, or differ in how they name the same files."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return old.keys() == new.keys() and all(_alike(old[k], then, new[k], now) for k in old)
    if isinstance(old, list) and isinstance(new, list):
        pairs = zip(old, new, strict=False)
        return len(old) == len(new) and all(_alike(a, then, b, now) for a, b in pairs)
    if not (isinstance(old, str) and isinstance(new, str)):
        return bool(old == new)
    (one, cut), (other, other_cut) = _files(old, then), _files(new, now)
    if not one and not other:
        return old == new
    pairs_of_files = zip(one, other, strict=False)
    same = len(one) == len(other) and all(_same(a, b) for a, b in pairs_of_files)
    return same and cut == other_cut


def _files(name: str, base: Path) -> tuple[list[Path], str | None]:
    """Return the files or folders that a name such as `f.jsonl[:10]` leads to, and its slice."""
    parts = _SLICE.fullmatch(name)
    assert parts is not None, "a slice is optional"
    plain = os.path.expanduser(parts["name"])
    if not plain or "\0" in plain:
        return [], None
    if os.path.exists(base / plain):  # False for what can be no path, such as a long prompt
        return [base / plain], parts["slice"]
    found = glob.glob(plain, root_dir=base) if glob.has_magic(plain) else []
    return [base / one for one in sorted(found)], parts["slice"]


def _same(one: Path, other: Path) -> bool:
    if one.resolve() == other.resolve():
        return True
    return one.is_file() and other.is_file() and filecmp.cmp(one, other, shallow=False)


def _changed(config: C, leaves: Mapping[str, Any], prefix: str = "") -> C:
    """Return settings with some of their leaves replaced, by dotted path.

    Only the groups that hold one are read anew: others may hold what has no plain value.
    """
    groups: dict[str, Config] = {}
    own: dict[str, Any] = {}
    for name in type(config).model_fields:
        value = getattr(config, name)
        if f"{prefix}{name}" in leaves:
            own[name] = leaves[f"{prefix}{name}"]
        elif isinstance(value, Config):
            groups[name] = _changed(value, leaves, f"{prefix}{name}.")
    if own:
        config = type(config).parse({**config.dump(), **own})
    return config.model_copy(update=groups)
