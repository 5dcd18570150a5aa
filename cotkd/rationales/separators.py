"""Decimal commas and thousands by point or apostrophe, written as English has them.

    "Das macht 17,80 Euro."      → "Das macht 17.80 Euro."
    "2'345 Franken, 1.234,5 km"   → "2,345 Franken, 1,234.5 km"
    "1,234 and 4,5,6 and (4,5)"   → unchanged: thousands, a list, a pair

Every character keeps its place. Whether `4,5` has decimals is found out from the text: it has where
no number of the text writes them with a point.
"""

from __future__ import annotations

import re
from typing import Literal

Decimal = Literal["auto", "point", "comma"]

_APOSTROPHES = re.compile(r"(?<![\w'’.,])\d{1,3}(?:['’]\d{3}){1,6}(?![\d'’])")
_COMMA = re.compile(r",(?:\d{1,2}(?!\d)|\d{4})")
_APOSTROPHE = re.compile(r"'\d{3}(?!\d)")
"""Quick looks: without these there is nothing to change."""
_GROUPED_FIRST = re.compile(r"(?<![\w.,])\d{1,3}(?:[. ]\d{3}){1,6},\d+(?![\d,]|\.\d)")
"""Digits grouped by point or blank, then a comma: nothing else can be meant."""
_DECIMALS = re.compile(r"(?<![\w.,([{])(?:\d+,\d{1,2}|\d{1,3},\d{4,9}|0,\d+)(?![\d\])}]|[.,]\d)")
_LIST_GOES_ON = re.compile(r",?[ ](?:and|or|und|y|et|e|и|&)[ ]\d")
_POINT = re.compile(
    r"(?<![\d.,])\d+\.(?:\d{1,2}|\d{4,})(?![\d.])|(?<![\d.,])[1-9]\d{0,2},\d{3}(?![\d])"
)
"""A number with a point before decimals, or a comma between thousands."""
_ANY = re.compile(r"(?<![\w.,])\d+(?:\.\d{3}){0,6},\d+(?![\d,]|\.\d)")
_DOTTED = r"(?<![\w.,])\d{1,3}(?:\.\d{3}){1,6}(?![\d.]|,\d)"
_EITHER = re.compile(f"{_DECIMALS.pattern}|{_DOTTED}")
_ALL = re.compile(f"{_ANY.pattern}|{_DOTTED}")
_SWAP = str.maketrans(".,", ",.")


def pointed(text: str, decimal: Decimal = "auto") -> str:
    """Return `text` with points before decimals and commas between thousands, where it has others.

    Args:
        text: What was written, with ASCII digits.
        decimal: `comma` and `point` say what is before decimals; `auto` finds out.
    """
    if decimal == "point":
        return text
    if decimal == "comma":
        text = _ALL.sub(_swapped, text)
    if "’" in text or _APOSTROPHE.search(text):
        text = _APOSTROPHES.sub(lambda m: m[0].replace("'", ",").replace("’", ","), text)
    if decimal == "comma" or not (_COMMA.search(text) or " 0," in text or text.startswith("0,")):
        return text
    if _GROUPED_FIRST.search(text):
        text = _GROUPED_FIRST.sub(_swapped, text)
    elif _POINT.search(text):
        return text
    if not any(_stands_alone(text, match) for match in _DECIMALS.finditer(text)):
        return text
    return _EITHER.sub(lambda m: _swapped(m) if _stands_alone(text, m) else m[0], text)


def _swapped(match: re.Match[str]) -> str:
    return match[0].translate(_SWAP)


def _stands_alone(text: str, match: re.Match[str]) -> bool:
    """Whether it is no part of a list such as "1,2 and 3"."""
    return _LIST_GOES_ON.match(text, match.end()) is None
