"""Where rows lie: what a name stands for.

places_of("data/*.jsonl")      the files that match, in order of their names
places_of("-")                 what is piped in
places_of("eggs")              the splits of a folder that `datasets` saved
"""

from __future__ import annotations

import functools
import glob
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, NamedTuple

from cotkd.errors import DataError
from cotkd.store.rows import unreadable
from cotkd.store.tables.format import NAMES, READ, suffix_of
from cotkd.store.tables.saved import splits_of
from cotkd.store.tables.stream import SUFFIXES

STANDARD_INPUT = "-"
_SHOWN = 3


class Place(NamedTuple):
    """A file, or the folder of one dataset."""

    path: Path
    """Where it can be read, as often as wanted."""
    name: str
    """What messages call it."""
    stem: str
    """What rows are named after."""
    split: str = ""
    """Of a folder with several."""


def places_of(names: str | Path | Iterable[str | Path]) -> list[Place]:
    """Return the places that names stand for, in order; a pattern stands for those it matches.

    Raises:
        DataError: There is no such file, or a folder is none that `datasets` saved.
    """
    if isinstance(names, str | Path):
        names = (names,)
    return [place for name in names for place in _places(str(name))]


def names_rows(name: str) -> bool:
    """Tell whether a name looks like one of a file of rows, whether or not it is there."""
    if name == STANDARD_INPUT or Path(name).exists() or is_pattern(name):
        return True
    return "/" in name or suffix_of(name) in NAMES or Path(name).suffix in SUFFIXES


def is_pattern(name: str) -> bool:
    """Tell whether a name stands for all files that match it; `gsm8k[:10]` is a slice of a set."""
    return glob.has_magic(name) and "[:" not in name and not Path(name).exists()


def _places(name: str) -> list[Place]:
    path = Path(name)
    if name == STANDARD_INPUT:
        return [Place(_kept(name), "standard input", "stdin")]
    if is_pattern(name):
        found = sorted(glob.glob(name, recursive=True))
        if not found:
            raise DataError(f"no file matches the pattern {name}")
        return [place for one in found for place in _places(one)]
    if path.is_dir():
        return _splits(path)
    if path.is_fifo():
        return [Place(_kept(name), name, path.stem)]
    return [Place(path, name, _stem(path))]


def _stem(path: Path) -> str:
    return Path(path.stem).stem if path.suffix.lower() in SUFFIXES else path.stem


def _splits(folder: Path) -> list[Place]:
    found = splits_of(folder)
    if not found:
        files = sorted(f.name for f in folder.iterdir() if suffix_of(f.name) in NAMES)
        holds = f"; it holds {', '.join(files[:_SHOWN])}" if files else ""
        more = ", …" if len(files) > _SHOWN else ""
        raise DataError(
            f"{folder} is a folder that datasets.save_to_disk did not write{holds}{more}: name a "
            f"file in it, or a pattern such as '{folder}/*{suffix_of(files[0] if files else '')}'; "
            f"what is read: {READ}"
        )
    stem = folder.resolve().name
    return [
        Place(path, str(path), "-".join(filter(None, (stem, *split.split("/")))), split)
        for split, path in found.items()
    ]


@functools.cache
def _kept(name: str) -> Path:
    """Return a file that holds what can be read only once: standard input, or a pipe.

    It goes with the process, or before: the file has a name no longer than it is open.
    """
    copy = tempfile.NamedTemporaryFile(prefix="cotkd-")  # noqa: SIM115 -- stays open
    try:
        if name == STANDARD_INPUT:
            shutil.copyfileobj(_piped(), copy)
        else:
            with open(name, "rb") as pipe:
                shutil.copyfileobj(pipe, copy)
    except OSError as error:
        raise unreadable(Path(name), error) from error
    copy.flush()
    _COPIES.append(copy)
    return Path(copy.name)


_COPIES: list[object] = []
"""Files of `_kept`, which are deleted when they are closed."""


def _piped() -> BinaryIO:
    if sys.stdin is None or sys.stdin.isatty():
        raise DataError("- is standard input, and nothing is piped in: cat FILE | cotkd …")
    return sys.stdin.buffer
