"""A disk that is full: writes beyond a size fail in the kernel, whichever library makes them."""

from __future__ import annotations

import builtins
import io
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond `size` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def full_disk_at(name: str) -> Iterator[None]:
    """Let nothing be written once Python opens a file with `name` in its own or its folder's."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    plain = builtins.open

    def opened(file: Any, mode: str = "r", *args: Any, **settings: Any) -> Any:
        place = "" if isinstance(file, int) else "/".join(Path(file).parts[-2:])
        if name in place and mode[0] in "wax":
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
        return plain(file, mode, *args, **settings)

    try:
        with mock.patch.object(builtins, "open", opened), mock.patch.object(io, "open", opened):
            yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
