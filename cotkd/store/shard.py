"""An append-only file of rows, each key once, that survives `kill -9` and a full disk.

    samples/3f2a9c01d4e5.jsonl
    {"question_id": "microgsm-train-00007", "stream": "3f2a9c01d4e5", "sample_index": 2, …}

What makes it safe: rows are only ever added at the end, a batch with one write, and a batch counts
when it is on disk. A process that dies inside the write leaves whole lines and at most one half
line; opening the file again removes the half line. A write that fails takes back what it added.

Not covered: two writers on one file (`DirectoryLock` refuses them) and edits by hand (a line that
is no row raises `DataError` with its number).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

from pydantic_core import SchemaValidator, core_schema

from cotkd.errors import DataError
from cotkd.store.atomic import sync_folder, unwritable
from cotkd.store.rows import encoded, read_rows
from cotkd.types import Key, Keyed

R = TypeVar("R", bound=Keyed)

log = logging.getLogger(__name__)

_NEW_LINE = ord("\n")
_TEXT, _NUMBER = core_schema.str_schema(strict=True), core_schema.int_schema(strict=True)
_KEY = SchemaValidator(
    core_schema.typed_dict_schema(
        {
            "question_id": core_schema.typed_dict_field(_TEXT),
            "stream": core_schema.typed_dict_field(_TEXT),
            "sample_index": core_schema.typed_dict_field(_NUMBER),
        }
    )
)
"""Reads the key of a line, half a million times a second. The whole line is parsed, so that a
damaged one is noticed, but only the key becomes objects: texts that pydantic keeps and hands out
again, as many rows have the same ones."""
_values = itemgetter(*Key._fields)


class Shard(Generic[R]):
    """Rows of one kind in one file, told apart by key.

    Args:
        path: The file; it and its folder are made where they are missing.
        row_type: The class of the rows.

    Raises:
        DataError: The file cannot be used, or a line of it is no row or repeats a key.
    """

    def __init__(self, path: Path, row_type: type[R]) -> None:
        self.path = path
        self._row_type = row_type
        self._keys: set[tuple[Any, ...]] = set()
        self._size = 0
        try:
            self._file = _open(path)
        except OSError as error:
            raise unwritable(path, error) from error
        try:
            self._index()
        except BaseException:
            self._file.close()
            raise

    def append(self, rows: Sequence[R]) -> None:
        """Add a batch of rows with new keys; they are on disk when this returns.

        Raises:
            DataError: The disk is full or the file cannot be written. None of the batch was added.
        """
        keys = [row.key for row in rows]
        batch = set(keys)
        assert len(batch) == len(keys), f"{self.path}: a batch holds one key twice"
        assert self._keys.isdisjoint(batch), f"{self.path}: has {self._keys & batch} already"
        if keys:
            self._write(b"".join(map(encoded, rows)))
            self._keys |= batch

    def rows(self) -> Iterator[R]:
        """Yield all rows in the order in which they were added."""
        return read_rows(self.path, self._row_type)

    def __contains__(self, key: tuple[Any, ...]) -> bool:
        return key in self._keys

    def __len__(self) -> int:
        return len(self._keys)

    def close(self) -> None:
        """Close the file; `rows` goes on working."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        try:
            self._file.seek(self._size)
            while rest:
                rest = rest[self._file.write(rest) :]
            os.fsync(self._file.fileno())
        except BaseException as error:
            # also on Ctrl-C: the next batch must not start behind half a line
            self._file.truncate(self._size)
            if isinstance(error, OSError):
                raise unwritable(self.path, error) from error
            raise
        self._size += len(data)

    def _index(self) -> None:
        """Read the keys of all whole lines and cut off a half line at the end."""
        keys, read, size, line = self._keys, _KEY.validate_json, 0, b""
        with self.path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line[-1] != _NEW_LINE:
                    break
                try:
                    key = _values(read(line))
                except (ValueError, TypeError):
                    raise DataError(
                        f"{self.path}:{number}: not a {self._row_type.__name__} row:"
                        " delete the lines from here on, and they are made again"
                    ) from None
                keys.add(key)
                if len(keys) < number:
                    raise DataError(
                        f"{self.path}:{number}: key {key} occurs twice: delete one line"
                    )
                size += len(line)
        self._size = size
        if line and line[-1] != _NEW_LINE:
            self._repair(len(line))

    def _repair(self, excess: int) -> None:
        log.warning("%s: removed a half-written last line (%d bytes)", self.path, excess)
        self._file.truncate(self._size)
        os.fsync(self._file.fileno())


def _open(path: Path) -> Any:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = not path.exists()
    path.touch()
    file = path.open("r+b", buffering=0)
    if fresh:
        sync_folder(path.parent)
    return file
