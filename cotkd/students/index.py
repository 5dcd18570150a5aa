"""Which models make up a student of several.

    student/
      members.json     {"solver": ["solve"], "decomposer": ["decompose", "guide"]}
      solver/          each a whole model with its own tokenizer; any architectures, any sizes
      decomposer/

The first answers what no other has a task for, and the whole is named after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from cotkd.store.rows import write_json

INDEX = "members.json"
_INDEX = TypeAdapter(dict[str, list[str]])


def save_index(folder: Path, tasks: Mapping[str, tuple[str, ...]]) -> None:
    """Say which models belong in a folder, so that a missing one is noticed."""
    write_json(folder / INDEX, {name: list(own) for name, own in tasks.items()})


def has_members(folder: Path) -> bool:
    """Return whether a folder holds a student of several models."""
    return (folder / INDEX).is_file()


def is_index(index: object) -> bool:
    """Return whether what was read is an index: names of folders with lists of tasks."""
    try:
        names = _INDEX.validate_python(index, strict=True).keys()
    except ValidationError:
        return False
    return bool(names) and all(n == Path(n).name and n not in ("", ".", "..") for n in names)
