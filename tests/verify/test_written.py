"""Equations in prose are checked where they can only mean what they say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.rationales.written import written_equations
from cotkd.verify import StepCheck, verify_steps


def _checks(text: str) -> list[StepCheck]:
    return [check for check in verify_steps(text) if not check.annotated]


RIGHT = [
    "3 * 4 = 12",
    "3*4=12",
    "She pays $3 × 4 = $12.",
    "$3 x 4 = $12",
    "12/4=3",
    "12 ÷ 4 = 3 eggs",
    "3 bags * 4 apples = 12 apples",
    "$2.50/hour * 4 hours = $10",
    "20% of 50 = 10",
    "50 * 20% = 10",
    "5 / 20 = 25%",
    "5 / 20 * 100 = 25%",
    "100% - 20% = 80%",
    "(3 + 4) * 2 = 14",
    "2(3 + 4) = 14",
    "1,200 + 300 = 1,500",
    "3*4 = 2*6 = 12",
    "10 / 3 = 3.33",
    "10/3 ≈ 3",
    "100 / 6 = 16.666... cookies",
    "**3 * 4 = 12**",
    "3 * 4 = **12** eggs",
    "- 3 + 4 = 7",
    "1. 3 + 4 = 7",
    "Total: 3 + 4 = 7",
    "x = 3 + 4 = 7",
    "$3 \\times 4 = 12$",
    "\\[ \\frac{12}{4} = 3 \\]",
    "12 \\div 4 = 3 \\text{ eggs}",
    "so 2 * 3 = <<2*3=6>>6 + 4 = 10",
    "3 × 4 ＝ 12".replace("＝", "="),
    "$40 * 2,000 = $80,000, and more",
]
WRONG = [
    ("3 * 4 = 13", "12"),
    ("She pays $3 × 4 = $13.", "12"),
    ("3 bags * 4 apples = 13 apples", "12"),
    ("13 marbles + 4 marbles = 45 marbles", "17"),
    ("5 x 5 = 26", "25"),
    ("20% of 50 = 11", "10"),
    ("12 ÷ 4 = 4", "3"),
    ("20/3 = 6.66", "20/3"),
    ("\\frac{12}{4} = 4", "3"),
    ("- 3 + 4 = 8", "7"),
    ("(3 + 4) * 2 = 11", "14"),
    ("3*4 = 2*7 = 14", "12"),
    ("100/6 ≈ 20", "50/3"),
]
UNCHECKABLE = [
    "2x + 3 = 7",
    "3 x - 4 = 11",
    "(5/2)x = 105",
    "8/3 = 24/Y",
    "3 + 4 = 2y",
    "It is 1/2 hour = 30 minutes",
    "3 * 12 inches = 3 feet",
    "2 pens + 3 pencils = 10 dollars",
    "2 dozen + 6 = 30",
    "20 - 8 = 12 - 5 = 7",
    "16.67 * 6 = 100",
    "60 / 3/4 = 80",
    "0900 - 0130 = 0730",
    "Day 2 = 3 * 4 + 1",
    "34 / 11 = 3 cakes",
    "50 + 10% = 55",
    "$1 - 25 cents = 75 cents",
]
NOT_EQUATIONS = [
    "Total = 15",
    "x + 3 = 7",
    "X*3/4 = $24",
    "100-x+40-30 = 60",
    "5 + x * 3 = 15",
    "2 1/2 + 1 = 3.5",
    "half of 3 + 5 = 4",
    "√16 + 3 = 7",
    "2:38 - 2:15 = 23",
    "10 / 3 = 3 remainder 1",
    "3 + 4 != 8",
    "f(3) + 4 = 9",
    "X * 3 / 4 = 24/Y",
    "12 x 1 and 1/4 = 15",
    "Week 1 + Week 2 = 35 + 35",
    "5! * 2 = 240",
    "3 * 4 = <<3*4=12>>12",
    "3 + 4 =",
    "= 7",
]


@pytest.mark.parametrize("text", RIGHT)
def test_equations_that_hold_are_right(text: str) -> None:
    assert [check.status for check in _checks(text)] == ["right"]


@pytest.mark.parametrize(("text", "computed"), WRONG)
def test_equations_that_fail_are_wrong_and_say_the_value(text: str, computed: str) -> None:
    assert [(check.status, check.computed) for check in _checks(text)] == [("wrong", computed)]


@pytest.mark.parametrize("text", UNCHECKABLE)
def test_what_may_mean_something_else_is_uncheckable(text: str) -> None:
    assert [check.status for check in _checks(text)] == ["uncheckable"]


@pytest.mark.parametrize("text", NOT_EQUATIONS)
def test_parts_of_other_expressions_are_left_alone(text: str) -> None:
    assert not _checks(text)


@given(st.integers(0, 999), st.sampled_from("+-*"), st.integers(0, 999), st.integers(-1, 1))
def test_integer_equations_in_a_sentence_are_right_exactly_when_they_hold(
    a: int, operator: str, b: int, off: int
) -> None:
    value = {"+": a + b, "-": a - b, "*": a * b}[operator]
    text = f"First, she counts {a} {operator} {b} = {value + off}, then goes home."
    (check,) = _checks(text)
    assert text[check.start : check.end] == check.source == f"{a} {operator} {b} = {value + off}"
    if value + off > 0 or not off:
        assert check.status == ("wrong" if off else "right")


PIECES = [*"0123456789+-*/x=$%().,≈ \n", "eggs ", " of ", "<<", ">>", " and ", "…", "\\frac{1}{2}"]


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_no_text_raises_and_the_equations_lie_in_order_inside_it(text: str) -> None:
    at = 0
    for found in written_equations(text):
        assert at <= found.start < found.end <= len(text)
        at = found.end
    assert all(check.source in text for check in verify_steps(text))
