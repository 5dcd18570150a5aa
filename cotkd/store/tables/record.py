"""A record: its number, its line, and the row that it holds or why it holds none.

(3, 3, {"question": "How many?", "answer": "36"})
(4, 4, Fault("broken JSON (EOF while parsing …)"))

A plain tuple, because a file may have millions of them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from cotkd.store.rows import shortened


class Fault(NamedTuple):
    """Why a record holds no row."""

    reason: str


Record = tuple[int, int, dict[str, Any] | Fault]
"""Number from 1, which names rows that have no id; the line where it begins, for messages."""


def row_or_fault(value: Any) -> dict[str, Any] | Fault:
    """Return a JSON value that is an object; what else it is becomes a fault."""
    if isinstance(value, dict):
        return value
    return Fault(f"expected a JSON object, found {type(value).__name__}")


def broken(error: ValueError, text: bytes) -> Fault:
    """Return the fault of a text that is no JSON: its first byte that is not UTF-8, or the rest."""
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as other:
        return not_utf8(text[other.start], other.start)
    return Fault(f"broken JSON ({shortened(str(error))})")


def not_utf8(byte: int, place: int) -> Fault:
    """Return the fault of a text with a byte that UTF-8 does not know."""
    return Fault(f"not UTF-8 (byte {byte:#04x} at {place})")
