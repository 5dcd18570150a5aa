"""Checks every calculator annotation `<<expression=value>>` with exact arithmetic.

    "16 - 3 - 4 = <<16-3-4=9>>9 eggs"   → right
    "3 * 10 = <<3*10=13>>13 eggs"       → wrong, 30
    "<<11-x=0>>"                        → uncheckable

A stated value is right when it is

- exactly the value of the expression; or
- its correct rounding at the decimals shown (`10/3=3.33`; a tie may go either way). A value without
  decimals shows no rounding: `10/3=3` is wrong; or
- within `DOUBLE_ERROR` of it, where some number of the equation is a double printed in full,
  that is, has 10 decimals or 15 digits or more (`0.05*6=0.30000000000000004`,
  `0.3333333333333333*15=5`).

In a chain `a=b=c` every side is compared with the one before it. A side that is not arithmetic
(a variable, a clock time, a unit) makes the equation uncheckable, unless two others disagree.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from typing import Literal, NamedTuple

from cotkd.rationales.arithmetic import MAX_LENGTH, evaluate
from cotkd.rationales.number import Rational, canonical
from cotkd.rationales.steps import equations

StepStatus = Literal["right", "wrong", "uncheckable"]

DOUBLE_ERROR = Fraction(1, 10**9)
"""Error granted to equations with doubles printed in full: absolute, or relative to the value."""

_SIMPLE = re.compile(r"([0-9]{1,15})([-+*/])([0-9]{1,15})=([0-9]{1,15})")
_DECIMALS = re.compile(r"\.([0-9]+)")
_DOUBLE = re.compile(r"\.[0-9]{10}|(?<![0-9])(?=[0-9.]{16})[0-9]+\.[0-9]")


class StepCheck(NamedTuple):
    """The check of one equation: `computed` is what its expression really gives."""

    status: StepStatus
    source: str
    computed: str | None
    start: int
    end: int


def verify_steps(text: str) -> list[StepCheck]:
    """Return a check of every `<<expression=value>>` in `text`, in order."""
    return [
        StepCheck(*check_equation(equation.source), equation.start, equation.end)
        for equation in equations(text)
    ]


class _Check(NamedTuple):
    status: StepStatus
    source: str
    computed: str | None


def check_equation(source: str) -> _Check:
    """Return status, source and computed value of one equation such as `3*4=12`."""
    simple = _SIMPLE.fullmatch(source)
    if simple is None:
        if len(source) > MAX_LENGTH:
            return _Check("uncheckable", source, None)
        return _check_chain(source)
    left, operator, right, stated = simple.groups()
    value = _compute(int(left), operator, int(right))
    if value is None:
        return _Check("uncheckable", source, None)
    return _Check("right" if value == int(stated) else "wrong", source, canonical(value))


def _compute(left: int, operator: str, right: int) -> Rational | None:
    return evaluate(f"{left}{operator}{right}")


@lru_cache(maxsize=4096)
def _check_chain(source: str) -> _Check:
    sides = source.split("=")
    values = [evaluate(side) for side in sides]
    slack = _DOUBLE.search(source) is not None
    for left, right, stated in zip(values, values[1:], sides[1:], strict=False):
        if left is not None and right is not None and not _states(left, right, stated, slack):
            return _Check("wrong", source, canonical(left))
    if len(sides) < 2 or any(value is None for value in values):
        return _Check("uncheckable", source, None)
    computed = values[-2]
    assert computed is not None
    return _Check("right", source, canonical(computed))


def _states(value: Rational, stated: Rational, text: str, slack: bool) -> bool:
    if value == stated:
        return True
    error = abs(Fraction(value - stated))
    if slack and (error <= DOUBLE_ERROR or error <= DOUBLE_ERROR * abs(Fraction(value))):
        return True
    shown = _DECIMALS.findall(text)
    return len(shown) == 1 and error * 2 * 10 ** len(shown[0]) <= 1
