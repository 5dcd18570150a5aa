"""Fields of a released row as text, or a word on why they cannot be used.

text_of({"question": "How many?"}, "question")     "How many?"
answer_of({"target": 51.0}, "target")              "51.0"
number_of({"Answer": 51.0}, "Answer")              "51"
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json

from cotkd.store.newlines import unified
from cotkd.store.rows import shortened

_WHOLE = re.compile(r"([+-]?\d+)\.0*", re.ASCII)


class BadRow(Exception):
    """Why a row is no question; its reader adds file and line."""


def object_of(line: bytes) -> dict[str, Any]:
    """Return the JSON object in a line."""
    try:
        row = unified(from_json(line))
    except ValueError as error:
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as other:
            found = f"byte {line[other.start]:#04x} at {other.start}"
            raise BadRow(f"not UTF-8 ({found})") from None
        raise BadRow(f"broken JSON ({error})") from None
    if not isinstance(row, dict):
        raise BadRow(f"expected a JSON object, found {type(row).__name__}")
    return row


def field_of(row: Mapping[str, Any], name: str) -> Any:
    """Return a field that must be there."""
    if name not in row:
        raise BadRow(f"field {name!r} is missing (found: {shortened(', '.join(row)) or 'none'})")
    return row[name]


def text_of(row: Mapping[str, Any], name: str) -> str:
    """Return a field that must be text, and more than white space."""
    value = row.get(name)
    if isinstance(value, str) and value and not value.isspace():
        return value
    value = field_of(row, name)
    if isinstance(value, str):
        raise BadRow(f"field {name!r} is empty")
    raise BadRow(f"field {name!r}: expected text, found {shortened(repr(value))}")


def answer_of(row: Mapping[str, Any], name: str) -> str:
    """Return a gold answer; numbers and booleans are answers too (`18`, `yes`)."""
    value = row.get(name)
    if isinstance(value, str):
        return text_of(row, name)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return str(value)
    return text_of(row, name)


def number_of(row: Mapping[str, Any], name: str) -> str:
    """Return a gold answer, a whole number without its places: `51.0` is written `51`."""
    answer = answer_of(row, name).strip()
    whole = _WHOLE.fullmatch(answer)
    return whole[1] if whole else answer


def texts_of(row: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return a field that must be a list of texts, two or more."""
    value = field_of(row, name)
    if not isinstance(value, list | tuple) or len(value) < 2:
        raise BadRow(f"field {name!r}: expected a list of texts, found {shortened(repr(value))}")
    return tuple(str(text) for text in value)
