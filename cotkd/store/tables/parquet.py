"""Parquet, batch by batch, through pyarrow."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Iterator
from typing import BinaryIO

from cotkd.errors import DataError
from cotkd.store.tables.record import Record

BATCH = 1000
"""Rows in memory at a time."""


def parquet(stream: BinaryIO, name: str) -> Iterator[Record]:
    """Yield the record of each row; raises `DataError` for a damaged file."""
    import pyarrow
    from pyarrow.parquet import ParquetFile

    number = 0
    try:
        for batch in ParquetFile(_seekable(stream)).iter_batches(batch_size=BATCH):
            for row in batch.to_pylist():
                number += 1
                yield number, number, row
    except (OSError, pyarrow.ArrowException) as error:
        first = str(error).splitlines()[0]
        raise DataError(f"{name}: not a readable Parquet file ({first})") from None


def _seekable(stream: BinaryIO) -> BinaryIO:
    """Return a stream in which to go back costs nothing: what is being unpacked is written out."""
    if isinstance(getattr(stream, "raw", None), io.FileIO):
        return stream
    copy = tempfile.TemporaryFile()  # noqa: SIM115 -- read on after this function
    shutil.copyfileobj(stream, copy)
    copy.seek(0)
    return copy
