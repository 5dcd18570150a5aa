"""A format in which another tool leaves its samples.

    Import.parse({"kind": "distilabel"}).read(Path("rows.jsonl"))
    -> Recorded(where="rows.jsonl:1", question="Ann has …", text="There are …", gold="12", …)

Thinking traces inside a text are told apart, as those of our own engines are.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic_core import from_json

from cotkd.config import Choice
from cotkd.errors import DataError
from cotkd.store.tables import at, tables_of
from cotkd.store.tables.path import MISSING

Line = tuple[str, dict[str, Any]]
"""Where a row stands, for messages, and the row."""
FinishReason = Literal["stop", "length", "error"]


@dataclass(frozen=True)
class Recorded:
    """A sample of another tool."""

    where: str
    """File and line, for messages."""
    question: str
    text: str
    teacher: str
    gold: str | None = None
    """Gold answer or gold solution, where the row has one."""
    finish_reason: FinishReason = "stop"
    prompt_tokens: int = 0
    completion_tokens: int = 0
    reasoning: str | None = None
    error: str | None = None


class Import(Choice):
    """How another tool's samples are read."""

    title: ClassVar[str]
    """What is read, in a few words."""
    source: ClassVar[str]
    """The tool and the versions whose files were looked at."""

    teacher: str | None = None
    """Who wrote the texts; null takes the name in the rows."""

    def read(self, name: str | Path) -> Iterator[Recorded]:
        """Yield the samples of a file, a folder, a pattern or standard input in their order.

        Raises:
            DataError: it cannot be read, or a row is none of this tool; names file and line.
        """
        for file in self.files(Path(name)):
            for table in tables_of(file):
                yield from self.recorded(table.path, table.rows())

    def files(self, path: Path) -> list[Path]:
        """Return the files of `path`, which is one of them or a folder of them."""
        return [path]

    @abstractmethod
    def recorded(self, file: Path, lines: Iterator[Line]) -> Iterator[Recorded]:
        """Yield the samples on the lines of a file."""


def field(row: Mapping[str, Any], name: str, where: str) -> Any:
    """Return a field, also at a dotted path; raises `DataError` where there is none."""
    value = at(row, name)
    if value is MISSING:
        raise DataError(f"{where}: no field {name!r}; fields are: {', '.join(row)}")
    return value


def text_at(row: Mapping[str, Any], name: str, where: str) -> str:
    """Return a field that holds text; raises `DataError` where it is absent or something else."""
    value = field(row, name, where)
    if not isinstance(value, str):
        raise DataError(f"{where}: {name} holds {type(value).__name__}, expected text")
    return value


def object_at(row: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
    """Return a field that holds an object, or one written out as JSON."""
    value = field(row, name, where)
    if isinstance(value, str):
        try:
            value = from_json(value)
        except ValueError as error:
            raise DataError(f"{where}: {name} is not valid JSON ({error})") from None
    if not isinstance(value, Mapping):
        raise DataError(f"{where}: {name} holds {type(value).__name__}, expected an object")
    return value


def first_of(row: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    """Return the first field of these that holds text."""
    found = (row[name] for name in names if isinstance(row.get(name), str) and row[name].strip())
    return next(found, None)


def gold_of(row: Mapping[str, Any], name: str) -> str | None:
    """Return the gold answer of a row, None where it has none."""
    value = at(row, name)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return None if value in (None, MISSING) or isinstance(value, dict | list) else str(value)
