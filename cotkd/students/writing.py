"""Writing weights: a full disk is one line, whichever library found it out.

    with writing(Path("runs/first/student")):
        model.save_pretrained(scratch)

raises `DataError: cannot write runs/first/student: No space left on device …`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cotkd.errors import DataError


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raise `DataError` for what the libraries raise when a file cannot be written.

    safetensors has an exception of its own, and `torch.save` raises a `RuntimeError`.
    """
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, SafetensorError, RuntimeError) as error:
        raise DataError(
            f"cannot write {path}: {one_line(error)}: free some space or choose another place, "
            "then repeat the command"
        ) from error


def one_line(error: Exception) -> str:
    """Return the first line of what an exception says."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), repr(error))
