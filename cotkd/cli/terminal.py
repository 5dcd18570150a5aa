"""What a command writes to: a terminal of any encoding, or a pipe whose reader may have left."""

from __future__ import annotations

import os
import select
import sys

_RAISING = ("strict", "surrogateescape")


def write_in_any_encoding() -> None:
    """Let characters that the terminal's encoding lacks be shown as `?` rather than raise."""
    for stream in (sys.stdout, sys.stderr):
        if getattr(stream, "errors", None) in _RAISING and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def reader_is_gone() -> bool:
    """Whether nobody reads standard output any more, as behind `| head -1`."""
    try:
        place = sys.stdout.fileno()
    except (AttributeError, OSError, ValueError):
        return False
    poll = select.poll()
    poll.register(place, select.POLLOUT)
    return any(events & (select.POLLERR | select.POLLHUP) for _, events in poll.poll(0))


def stop_writing() -> None:
    """Drop what is still to be written, so that Python does not fail on it when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
