"""Writing weights: a full disk is one line, whichever library found it out.

    with writing(Path("runs/first/student")):
        model.save_pretrained(scratch)

raises `DataError: cannot write runs/first/student: No space left on device …`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cotkd.errors import DataError, first_line

_NUMBER = re.compile(r"\(os error (\d+)\)")
"""How libraries written in Rust end their messages."""
_TORCH = re.compile(r"enforce fail at|iostream error|PytorchStreamWriter")
"""What `torch.save` says, which nobody can read."""


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raise `DataError` for what the libraries raise when a file cannot be written.

    safetensors has an exception of its own, tokenizers a bare `Exception`, and `torch.save` raises
    a `RuntimeError`. A `DataError` about a file inside is told of `path`.
    """
    try:
        yield
    except Exception as error:
        if (reason := _reason(error)) is None:
            raise
        raise DataError(
            f"cannot write {path}: {reason}: free some space or choose another place, "
            "then repeat the command"
        ) from error


def _reason(error: BaseException | None) -> str | None:
    """Return why a file could not be written, None where an exception is about something else."""
    from safetensors import SafetensorError

    if isinstance(error, DataError):
        return _reason(error.__cause__)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if not isinstance(error, Exception):
        return None
    said = first_line(error)
    if number := _NUMBER.search(said):
        return os.strerror(int(number[1]))
    if not isinstance(error, OSError | SafetensorError | RuntimeError):
        return None
    return "the disk is full, or a file could not be written whole" if _TORCH.search(said) else said
