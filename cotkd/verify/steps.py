"""Checks every equation of a rationale with exact arithmetic, annotated or written out.

    "16 - 3 - 4 = <<16-3-4=9>>9 eggs"        → right
    "3 * 10 = <<3*10=13>>13 eggs"            → wrong, 30
    "3 bags * 4 apples = 13 apples"          → wrong, 12
    "<<11-x=0>>", "1/2 hour = 30 minutes"    → uncheckable

A stated value is right when it is

- exactly the value of the expression; or
- its correct rounding at the decimals shown (`10/3=3.33`; a tie may go either way). A value without
  decimals shows no rounding: `10/3=3` is wrong; or
- within `DOUBLE_ERROR` of it, where some number of the equation is a double printed in full,
  that is, has 10 decimals or 15 digits or more (`0.05*6=0.30000000000000004`,
  `0.3333333333333333*15=5`).

In a chain `a=b=c` every side is compared with the one before it. A side that is not arithmetic
(a variable, a clock time, a unit) makes the equation uncheckable, unless two others disagree.

Equations written out in prose are called wrong only where nothing else can be meant (`written`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from cotkd.rationales.arithmetic import MAX_LENGTH, binary, evaluate
from cotkd.rationales.number import canonical
from cotkd.rationales.steps import equations
from cotkd.rationales.written import written_equations
from cotkd.verify.written import StepStatus, check_written, states

_start = attrgetter("start")
_SIMPLE = re.compile(r"([0-9]{1,15})([-+*/])([0-9]{1,15})=([0-9]{1,15})")
_DOUBLE = re.compile(r"\.[0-9]{10}|(?<![0-9])(?=[0-9.]{16})[0-9]+\.[0-9]")


class StepCheck(NamedTuple):
    """The check of one equation: `computed` is what its expression really gives."""

    status: StepStatus
    source: str
    computed: str | None
    start: int
    end: int

    @property
    def annotated(self) -> bool:
        """Whether the equation stood between `<<` and `>>`; its span then includes them."""
        return self.end - self.start == len(self.source) + 4


def verify_steps(text: str) -> list[StepCheck]:
    """Return a check of every equation in `text`, annotated or written out, in order."""
    checks = [
        StepCheck(*check_equation(equation.source), equation.start, equation.end)
        for equation in equations(text)
    ]
    written = [
        StepCheck(status, text[found.start : found.end], computed, found.start, found.end)
        for found in written_equations(text)
        for status, computed in [check_written(found)]
    ]
    return sorted(checks + written, key=_start) if written else checks


class _Check(NamedTuple):
    status: StepStatus
    source: str
    computed: str | None


def check_equation(source: str) -> _Check:
    """Return status, source and computed value of one equation such as `3*4=12`."""
    if len(source) > MAX_LENGTH:
        return _Check("uncheckable", source, None)
    return _check(source)


@lru_cache(maxsize=8192)
def _check(source: str) -> _Check:
    simple = _SIMPLE.fullmatch(source)
    if simple is None:
        return _check_chain(source)
    value = binary(int(simple[1]), simple[2], int(simple[3]))
    if value is None:
        return _Check("uncheckable", source, None)
    return _Check("right" if value == int(simple[4]) else "wrong", source, canonical(value))


def _check_chain(source: str) -> _Check:
    sides = source.split("=")
    values = [evaluate(side) for side in sides]
    slack = _DOUBLE.search(source) is not None
    for left, right, stated in zip(values, values[1:], sides[1:], strict=False):
        if left is not None and right is not None and not states(left, right, stated, slack):
            return _Check("wrong", source, canonical(left))
    if len(sides) < 2 or any(value is None for value in values):
        return _Check("uncheckable", source, None)
    computed = values[-2]
    assert computed is not None
    return _Check("right", source, canonical(computed))
