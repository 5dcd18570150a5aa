"""One writer per directory: a lock that the kernel releases when its holder ends, by any death."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Self

from cotkd.errors import RunLocked
from cotkd.store.atomic import unwritable


def is_writer() -> bool:
    """Tell whether this process writes files: of those that `torchrun` starts, the first does."""
    return int(os.environ.get("RANK") or 0) == 0


class DirectoryLock:
    """Holds `path/.lock` while open; a second holder, in any process, is refused.

    The file itself stays behind and means nothing: only a living process can hold the lock. It is
    advisory, and it reaches as far as the file system's `flock` does (on some network mounts, one
    host). Of the processes of one `torchrun` only the first holds it; the others write nothing.

    Raises:
        RunLocked: Another process, named in the message, holds the lock.
        DataError: The directory cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = -1
        if not is_writer():
            return
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(path / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise unwritable(path, error) from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._descriptor, 32, 0).decode(errors="replace").strip()
            os.close(self._descriptor)
            raise RunLocked(
                f"{path} is being written by process {holder or 'unknown'}:"
                " wait until it ends, or choose another --out"
            ) from None
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, str(os.getpid()).encode(), 0)

    def close(self) -> None:
        """Release the lock; closing twice is harmless."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
