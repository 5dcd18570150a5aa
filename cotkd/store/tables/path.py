"""Reaching into a row: `messages.0.content` is the content of its first message.

at({"reward_model": {"ground_truth": "36"}}, "reward_model.ground_truth")      "36"
at({"messages": [{"content": "How many?"}]}, "messages.-1.content")            "How many?"
at({"a.b": 1}, "a.b")                                                          1
at({"a": 1}, "b")                                                              MISSING
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic_core import from_json


class _Missing:
    """What is not there, where None is a value."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()


def at(row: Any, path: str) -> Any:
    """Return what stands at a dotted path, `MISSING` where there is nothing.

    A name with dots is taken as a whole first. Numbers count the elements of a list, from 0 or,
    negative, from its end. An object or list that is written out as JSON text is opened.
    """
    value = row
    while True:
        value = _opened(value)
        if isinstance(value, Mapping):
            if path in value:
                return value[path]
            part, dot, path = path.partition(".")
            if part not in value:
                return MISSING
            value = value[part]
        elif isinstance(value, list | tuple):
            part, dot, path = path.partition(".")
            if not part.removeprefix("-").isdecimal() or not -len(value) <= int(part) < len(value):
                return MISSING
            value = value[int(part)]
        else:
            return MISSING
        if not dot:
            return value


def _opened(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return from_json(value)
        except ValueError:
            return value
    return value
