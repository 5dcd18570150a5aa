"""Replaces a file as a whole: a reader sees the old content or the new, never a half."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cotkd.errors import DataError


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file that takes the place of `path` when the block ends without an exception.

    The content is on disk before the name changes, so that a power cut cannot leave an empty file
    under the old name. Missing parent folders are made. Raises `DataError` when the disk is full or
    the place cannot be written; `path` then keeps what it held.
    """
    scratch = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with scratch.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            scratch.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make names created in or renamed into `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def unwritable(path: Path, error: OSError) -> DataError:
    """Return the error to raise for a failed write, with what the reader can do about it."""
    reason = error.strerror or str(error)
    return DataError(
        f"cannot write {path}: {reason}: free some space or choose another place, then repeat the"
        " command; what was written before is kept"
    )
