"""JSON that takes more than a line: an array of objects, or objects one after the other.

[{"question": "How many?", "answer": "36"}, …]                 on one line, or indented
{"version": 1, "data": [{"question": …}, …]}                   one object with a list of rows
{                                                              as `jq .` prints rows
  "question": …
}

Rows are decoded one by one, so that an array of any length takes the memory of a row.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from pydantic_core import from_json

from cotkd.errors import DataError
from cotkd.store.rows import shortened
from cotkd.store.tables.record import Fault, Record, broken, row_or_fault

LISTS = ("data", "rows", "examples", "questions", "problems", "instances", "items", "records")
"""Names under which an object keeps rows, where it is the whole file."""

COLUMNS = "is one JSON object of columns: save its rows, one object for each"
"""What is said of a file that `to_json` of pandas wrote without `orient`."""

_CHUNK = 1 << 16
_NEAR = 16
"""A fault so near to the end of what was read may be gone when there is more."""
_BLANK = " \t\r\n"


def json_array(stream: BinaryIO, name: str) -> Iterator[Record]:
    """Yield a record for each element of an array; `name` is that of the file, for messages."""
    text = _Text(stream, name)
    text.skip(_BLANK)
    text.place += 1  # the bracket
    number = 0
    while text.skip(_BLANK) != "]":
        number += 1
        value = text.value(number)
        yield number, number, value if isinstance(value, Fault) else row_or_fault(value)
        following = text.skip(_BLANK)
        if following == ",":
            text.place += 1
        elif following != "]":
            raise text.broken(number, "no comma behind it" if following else "the array never ends")
    text.place += 1
    if text.skip(_BLANK):
        raise text.broken(number, "something stands behind the end of the array")


def json_objects(stream: BinaryIO, name: str) -> Iterator[Record]:
    """Yield a record for each object of a file; rows that one keeps in a list are its rows."""
    text = _Text(stream, name)
    number, first = 0, None
    while text.skip(_BLANK):
        number += 1
        value = text.value(number)
        if number == 1 and not isinstance(value, Fault):
            first = value
            continue
        if number == 2 and first is not None:
            yield 1, 1, row_or_fault(first)
        yield number, number, value if isinstance(value, Fault) else row_or_fault(value)
    if number == 1 and first is not None:
        if holds_columns(first):
            raise DataError(f"{name} {COLUMNS}")
        listed = listed_rows(first)
        rows = [first] if listed is None else listed
        yield from ((place, place, row_or_fault(row)) for place, row in enumerate(rows, 1))


def listed_rows(value: Any) -> list[Any] | None:
    """Return the rows that an object keeps in a list under one of the usual names."""
    if isinstance(value, Mapping):
        for name in LISTS:
            rows = value.get(name)
            if isinstance(rows, list) and rows and all(isinstance(row, dict) for row in rows):
                return rows
    return None


def holds_columns(value: Any) -> bool:
    """Tell whether an object, as the whole of a file, holds columns rather than a row."""
    if not isinstance(value, Mapping) or len(value) < 2:
        return False
    columns = list(value.values())
    if all(isinstance(column, list) for column in columns):
        return len({len(column) for column in columns}) == 1 and bool(columns[0])
    if all(isinstance(column, Mapping) for column in columns):
        return all(column.keys() == columns[0].keys() for column in columns) and bool(columns[0])
    return False


class _Text:
    """What of a text has been read, and how far it has been decoded."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self.place = 0
        self._stream, self._name = stream, name
        self._read, self._ended = "", False
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._json = json.JSONDecoder()

    def skip(self, signs: str) -> str:
        """Go past all of these signs and return the one that follows; nothing at the end."""
        while True:
            while self.place < len(self._read):
                if self._read[self.place] not in signs:
                    return self._read[self.place]
                self.place += 1
            if not self._more():
                return ""

    def value(self, number: int) -> Any:
        """Return the value that begins here and go past it.

        One that has no form in UTF-8 is a fault; raises `DataError` for one that is broken, behind
        which nothing can be found any more.
        """
        while True:
            try:
                value, end = self._json.raw_decode(self._read, self.place)
            except json.JSONDecodeError as error:
                near = error.pos >= len(self._read) - _NEAR or error.msg.startswith("Unterminated")
                if near and self._more():
                    continue
                raise self.broken(number, error.msg) from None
            except RecursionError:
                raise self.broken(number, "nested too deeply") from None
            if end == len(self._read) and self._more():  # a number may go on
                continue
            written = self._read[self.place : end]
            self.place = end
            return value if "\\ud" not in written.lower() else _checked(written)

    def broken(self, number: int, what: str) -> DataError:
        """Return the error of a value that ends the reading of a file."""
        line = shortened(self._read[max(0, self.place - 20) : self.place + 60])
        return DataError(f"{self._name} row {number}: broken JSON ({what}, at {line!r})")

    def _more(self) -> bool:
        """Read on, twice as much as is left, and tell whether there was anything."""
        if self._ended:
            return False
        self._read = self._read[self.place :]
        data = self._stream.read(max(_CHUNK, len(self._read)))
        try:
            self._read += self._utf8.decode(data, final=not data)
        except UnicodeDecodeError as error:
            byte = error.object[error.start]
            raise DataError(f"{self._name}: not UTF-8 (byte {byte:#04x})") from None
        self.place, self._ended = 0, not data
        return bool(data)


def _checked(written: str) -> Any:
    """Return a value of which a half of a surrogate pair may be a part: that is no text."""
    try:
        return from_json(written)
    except ValueError as error:
        return broken(error, written.encode())
