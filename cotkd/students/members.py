"""A student of several models, each for tasks of its own: a decomposer and a solver, for instance.

    student/
      members.json     {"solver": ["solve"], "decomposer": ["decompose", "guide"]}
      solver/          each a whole model with its own tokenizer; any architectures, any sizes
      decomposer/

The first answers what no other has a task for, and the whole is named after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cotkd.errors import DataError
from cotkd.store.rows import read_json, write_json

if TYPE_CHECKING:
    from cotkd.students.load import DType, Student

INDEX = "members.json"


class Part(NamedTuple):
    """One model of a student of several."""

    student: Student
    tasks: tuple[str, ...]
    """What it learns and answers."""


def together(parts: Mapping[str, Part]) -> Student:
    """Return the students as one, the first of them in front."""
    first = next(iter(parts.values())).student
    return replace(first, parts=dict(parts))


def sizes(student: Student) -> dict[str, Any]:
    """Return how many weights a student has, and what `members` it has, as results say it."""
    parts = ((name, part.student) for name, part in student.parts.items())
    members = {name: {"name": own.name, "parameters": own.parameters} for name, own in parts}
    return {"parameters": student.parameters, "members": members}


def save_index(folder: Path, tasks: Mapping[str, tuple[str, ...]]) -> None:
    """Say which models belong in a folder, so that a missing one is noticed."""
    write_json(folder / INDEX, {name: list(own) for name, own in tasks.items()})


def has_members(folder: Path) -> bool:
    """Return whether a folder holds a student of several models."""
    return (folder / INDEX).is_file()


def load_members(
    folder: Path, *, dtype: DType = "float32", attention: str | None = None
) -> Student:
    """Load a student of several models.

    Raises:
        DataError: the index is damaged, or one of the models is missing.
    """
    from cotkd.students.load import load_student

    index = read_json(folder / INDEX)
    if not _is_index(index):
        raise DataError(
            f"{folder / INDEX}: expected names with lists of tasks, got {str(index)[:60]!r}: "
            "copy the folder again, or train it anew"
        )
    missing = [name for name in index if not (folder / name / "config.json").is_file()]
    if missing:
        raise DataError(
            f"{folder}: of its models {', '.join(index)} there is no {' and no '.join(missing)}: "
            "they answer together: copy the folder whole, or train it anew"
        )
    parts = {
        name: Part(load_student(folder / name, dtype=dtype, attention=attention), tuple(tasks))
        for name, tasks in index.items()
    }
    return replace(together(parts), name=str(folder))


def _is_index(index: object) -> bool:
    return (
        isinstance(index, dict)
        and bool(index)
        and all(
            name == Path(name).name
            and name not in ("", ".", "..")
            and isinstance(tasks, list)
            and all(isinstance(task, str) for task in tasks)
            for name, tasks in index.items()
        )
    )
