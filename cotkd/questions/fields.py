"""Fields of a row as text, or a word on why they cannot be used.

text_of({"question": "How many?"}, "question")                          "How many?"
text_of({"messages": [{"content": "How many?"}]}, "messages.0.content")  "How many?"
answer_of({"target": 51.0}, "target")                                   "51.0"
answer_of({"answer": ["36"]}, "answer")                                 "36"
number_of({"Answer": 51.0}, "Answer")                                   "51"
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from cotkd.store.rows import shortened
from cotkd.store.tables.path import MISSING, at

_WHOLE = re.compile(r"([+-]?\d+)\.0*", re.ASCII)


class BadRow(Exception):
    """Why a row is no question; its reader adds file and line."""


class NoField(BadRow):
    """A row does not hold what is wanted where it was looked for: another field is to be named.

    Args:
        name: The field.
        reason: Why it cannot be used.
        example: A field that may be meant.
    """

    def __init__(self, name: str, reason: str, example: str = "") -> None:
        super().__init__(f"field {name!r}{reason}")
        self.name, self.example = name, example


def field_of(row: Mapping[str, Any], name: str) -> Any:
    """Return a field that must be there; a dotted path reaches into objects and lists."""
    value = at(row, name)
    if value is MISSING:
        found = shortened(", ".join(map(str, row))) or "none"
        raise NoField(name, f" is missing (found: {found})")
    return value


def text_of(row: Mapping[str, Any], name: str) -> str:
    """Return a field that must be text, and more than white space."""
    value = row.get(name)
    if value is None:
        value = field_of(row, name)
    if not isinstance(value, str):
        raise BadRow(f"field {name!r}: expected text, found {shortened(repr(value))}")
    if not value or value.isspace():
        raise BadRow(f"field {name!r} is empty")
    return value


def answer_of(row: Mapping[str, Any], name: str) -> str:
    """Return a gold answer; numbers, booleans and lists of one are answers too (`18`, `yes`)."""
    value = row.get(name)
    if isinstance(value, str):
        return text_of(row, name)
    return _answer(field_of(row, name) if value is None else value, name)


def _answer(value: Any, name: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) or (isinstance(value, float | Decimal) and math.isfinite(value)):
        return str(value)
    if isinstance(value, list | tuple) and len(value) == 1:
        return _answer(value[0], f"{name}.0")
    if isinstance(value, list | tuple | Mapping) and value:
        inner = next(iter(value)) if isinstance(value, Mapping) else 0
        reason = f": expected one answer, found {shortened(repr(value))}"
        raise NoField(name, reason, f"{name}.{inner}")
    return text_of({name: value}, name)


def number_of(row: Mapping[str, Any], name: str) -> str:
    """Return a gold answer, a whole number without its places: `51.0` is written `51`."""
    answer = answer_of(row, name).strip()
    whole = _WHOLE.fullmatch(answer)
    return whole[1] if whole else answer


def id_text(value: Any, *, typed: bool = True) -> str | None:
    """Return an id as text: `1` for 1 and, as tables with gaps hold it, for 1.0.

    None where there is none, or what is there is no id.

    Args:
        value: The id.
        typed: Whether numbers are told from texts where it comes from: in CSV the text `1.0` is
            that number.
    """
    if isinstance(value, str):
        whole = None if typed else _WHOLE.fullmatch(value)
        return whole[1] if whole else value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and not value.is_integer():
        return None
    return str(int(value))


def texts_of(row: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return a field that must be a list of texts, two or more."""
    value = field_of(row, name)
    if not isinstance(value, list | tuple) or len(value) < 2:
        raise BadRow(f"field {name!r}: expected a list of texts, found {shortened(repr(value))}")
    return tuple(str(text) for text in value)
