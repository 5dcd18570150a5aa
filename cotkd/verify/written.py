"""Judges an equation written out in prose: wrong only where nothing else can be meant.

"$3 * 4 = $13"                       wrong, 12
"20 - 8 = 12 - 5 = 7"                uncheckable: a running calculation
"3 * 12 inches = 3 feet"             uncheckable: units are converted
"2 pens + 3 pencils = 10 dollars"    uncheckable: the words are amounts
"16.67 * 6 = 100"                    uncheckable: 16.67 is rounded
"7 / 2 ≈ 4"                          right: said to be rounded
"5 / 20 = 25%"                       right, and so is "5 / 20 * 100 = 25%"
"""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from cotkd.rationales.arithmetic import evaluate
from cotkd.rationales.number import Rational, canonical, decimal
from cotkd.rationales.written import Side, Written

StepStatus = Literal["right", "wrong", "uncheckable"]

DOUBLE_ERROR = Fraction(1, 10**9)
"""Error granted to equations with doubles printed in full: absolute, or relative to the value."""

_DECIMALS = re.compile(r"\.([0-9]+)")
_DECIMAL = re.compile(r"[0-9]*\.[0-9]+")
_LEADING = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?")
_RANGE = re.compile(r"[0-9]+-[0-9]+")
_AMBIGUOUS = re.compile(r"/[0-9.]+/|(?<![0-9.])0[0-9]")
"""`60/3/4` may be 60 / (3/4); `0900` is a time of day."""
_ADDS = re.compile(r"(?<=[0-9)%])[-+]")
_SCALES = frozenset(
    ("dozen", "dozens", "hundred", "thousand", "million", "billion", "trillion", "k", "half",
     "halves", "third", "thirds", "fourth", "fourths", "quarter", "quarters", "pair", "pairs",
     "couple", "score", "am", "pm", "cent", "cents", "percent", "times", "plus", "minus", "squared",
     "cubed", "degrees", "more", "less", "fewer", "remainder", "remaining", "left", "leftover", "c",
     "tenths", "fifths", "fifth", "sixth", "eighth", "tenth", "mod", "divided", "multiplied")
)  # fmt: skip
_SAME = {"dollar": "$", "buck": "$", "usd": "$", "feet": "foot", "people": "person", "€": "euro"}


def check_written(found: Written) -> tuple[StepStatus, str | None]:
    """Return the status of an equation, and what the side before the first fault really gives."""
    values = [evaluate(side.expression) for side in found.sides]
    if any(value is None for value in values) or _has_variable(found.sides):
        return "uncheckable", None
    sides = list(zip(found.sides, [v for v in values if v is not None], strict=True))
    for (left, value), (right, stated) in pairwise(sides):
        if not _agrees(found, left, value, right, stated):
            status: StepStatus = (
                "wrong" if _must_hold(found, left, value, right, stated) else "uncheckable"
            )
            return status, canonical(value)
    return "right", canonical(sides[-2][1])


def states(value: Rational, stated: Rational, text: str, slack: bool) -> bool:
    """Whether `text`, which is `stated`, gives `value` exactly, or as a correct rounding of it."""
    if value == stated:
        return True
    error = abs(Fraction(value - stated))
    if slack and (error <= DOUBLE_ERROR or error <= DOUBLE_ERROR * abs(Fraction(value))):
        return True
    shown = _DECIMALS.findall(text)
    return len(shown) == 1 and error * 2 * 10 ** len(shown[0]) <= 1


def _agrees(found: Written, left: Side, value: Rational, right: Side, stated: Rational) -> bool:
    text = right.expression
    if states(value, stated, text, slack=True):
        return True
    if found.approximate and abs(Fraction(value - stated)) < _unit(text):
        return True
    if "%" not in left.expression + text:
        return False
    bare = evaluate(text.replace("%", ""))
    plain = evaluate(left.expression.replace("%", ""))
    readings = [(value, bare), (plain, bare), (plain, stated)]
    return any(
        a is not None and b is not None and states(a, b, text.replace("%", ""), slack=True)
        for a, b in readings
    )


def _unit(text: str) -> Fraction:
    """Return one unit of the last decimal shown."""
    shown = _DECIMALS.findall(text)
    return Fraction(1, 10 ** len(shown[-1])) if shown else Fraction(1)


def _must_hold(found: Written, left: Side, value: Rational, right: Side, stated: Rational) -> bool:
    """Whether the equation can only mean what it says, so that it is wrong where it fails."""
    if found.approximate and abs(Fraction(value - stated)) * 10 < abs(Fraction(value)):
        return False
    if "%" in left.expression + right.expression and _ADDS.search(left.expression):
        return False
    if value < 0 < stated and _RANGE.fullmatch(left.expression):
        return False
    if not left.has_operator and left is found.sides[0]:
        return False  # "Day 2 = 3 * 4", "$20 an hour = 20 * 3"
    if _AMBIGUOUS.search(left.expression + "=" + right.expression):
        return False
    if abs(Fraction(value - stated)) < 1 and _is_share(left, right):
        return False
    leading = _LEADING.match(right.expression) if right.has_operator else None
    if leading is not None and decimal(leading[0]) == value:
        return False
    return _same_units(left, right) and not (
        _from_rounding(left, value, stated) or _from_rounding(right, stated, value)
    )


def _is_share(left: Side, right: Side) -> bool:
    """Whether a quotient may have been rounded to whole things or whole per cent."""
    whole = right.expression.rstrip("%").isdigit()
    return whole and "/" in left.expression and bool(right.units or "%" in right.expression)


def _has_variable(sides: tuple[Side, ...]) -> bool:
    return any(len(unit) == 1 and unit.isalpha() for side in sides for unit in side.units)


def _same_units(left: Side, right: Side) -> bool:
    """Whether the units leave no room for a conversion, nor for words that stand for amounts."""
    if not _SCALES.isdisjoint(left.units + right.units):
        return False
    before, after = set(map(_singular, left.units)), set(map(_singular, right.units))
    if not before or before == after:
        return True
    if not after:
        return before == {"$"}
    return after <= before and not _ADDS.search(left.expression)


def _singular(unit: str) -> str:
    unit = _SAME.get(unit, unit)
    if unit.endswith("ies"):
        return unit[:-3] + "y"
    unit = unit.removesuffix("s") if len(unit) > 2 else unit
    return _SAME.get(unit, unit)


def _from_rounding(left: Side, value: Rational, stated: Rational) -> bool:
    """Whether decimals of the left side, taken as rounded, could make up the difference."""
    share = total = Fraction(0)
    for digits in _DECIMAL.findall(left.expression):
        amount = decimal(digits)
        if amount:
            half = Fraction(1, 2 * 10 ** len(digits.partition(".")[2]))
            share, total = share + half / amount, total + half
    return abs(Fraction(value - stated)) <= max(share * abs(Fraction(value)), total)
