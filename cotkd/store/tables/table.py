"""A table: the rows of one file or dataset, each read anew from the file whenever asked for.

for table in tables_of(["a.jsonl", "b/*.csv"]):
    for where, row in table.rows(): ...
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from cotkd.errors import DataError
from cotkd.store.newlines import unified
from cotkd.store.rows import unreadable
from cotkd.store.tables.format import JSON_LINES, Format, format_of
from cotkd.store.tables.place import Place, places_of
from cotkd.store.tables.record import Fault, Record
from cotkd.store.tables.saved import saved
from cotkd.store.tables.stream import DAMAGED, compression_of, encoding_of, opened

_SAVED = Format("a folder of datasets", lambda stream, name: iter(()), lines=False)


class Table:
    """The rows of a place.

    Attributes:
        name: What messages call it.
        stem: What its rows are named after that have no id.
        split: Which split it is of a folder with several; else empty.
        path: Where it is read.
        format: What it was found to be.

    Raises:
        DataError: It cannot be read, or is none of the formats that are.
    """

    def __init__(self, place: Place) -> None:
        self.path, self.name, self.stem, self.split = place
        if self.path.is_dir():
            self.format = _SAVED
            return
        try:
            self.format = format_of(self.path, self.name)
        except DAMAGED as error:
            raise self._damaged(error) from error

    @property
    def plain(self) -> bool:
        """Whether every line of the file itself is a row of JSON in UTF-8."""
        if self.format is not JSON_LINES or compression_of(self.path) is not None:
            return False
        with self.path.open("rb") as file:
            return encoding_of(file.read(64)).startswith("utf-8")

    def records(self) -> Iterator[Record]:
        r"""Yield every record in order, those that hold no row as faults; `\r\n` is read as `\n`.

        Raises:
            DataError: The file is damaged in such a way that nothing behind can be read.
        """
        if self.format is _SAVED:
            yield from map(_unified, saved(self.path))
            return
        try:
            with opened(self.path, text=self.format.text) as stream:
                yield from map(_unified, self.format.records(stream, self.name))
        except DAMAGED as error:
            raise self._damaged(error) from error

    def rows(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield where each row stands, and the row; raises `DataError` at the first fault."""
        before = self.name + self._between
        for _, line, values in self.records():
            if isinstance(values, Fault):
                raise DataError(f"{before}{line}: {values.reason}")
            yield f"{before}{line}", values

    def where(self, number: int, line: int) -> str:
        """Return the place of a record, for messages."""
        return f"{self.name}{self._between}{line if self.format.lines else number}"

    @property
    def _between(self) -> str:
        return ":" if self.format.lines else " row "

    def _damaged(self, error: BaseException) -> DataError:
        if isinstance(error, OSError) and error.errno is not None:
            return unreadable(Path(self.name), error)
        compression = compression_of(self.path)
        what = f"compressed with {compression.name}" if compression else "a text"
        return DataError(
            f"{self.name} is {what}, and is cut short or damaged ({error}): copy it again"
        )


def _unified(record: Record) -> Record:
    number, line, values = record
    return number, line, unified(values)


def tables_of(names: str | Path | Iterable[str | Path]) -> list[Table]:
    """Return the tables that names stand for: files, patterns, folders of `datasets`, `-`.

    Raises:
        DataError: A name stands for nothing, or for something that is no table.
    """
    return [Table(place) for place in places_of(names)]
