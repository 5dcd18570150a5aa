"""Steps and annotations keep their order and their places."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cotkd.rationales.steps import equations, steps

TEXT = "She eats 3 + 4 = <<3+4=7>>7 eggs.\n\nShe has 16 - 7 = <<16 - 7=9>>9 eggs left."


def test_every_line_is_a_step_with_its_own_equations() -> None:
    first, second = steps(TEXT)
    assert [equation.key for equation in first.equations] == ["3+4=7"]
    assert [equation.key for equation in second.equations] == ["16-7=9"]
    assert TEXT[second.start : second.end] == second.text


def test_one_paragraph_is_split_into_sentences_and_decimals_are_not() -> None:
    texts = [step.text for step in steps("It costs $1.50 each. So 3 cost $4.50! Is it so? Yes")]
    assert texts == ["It costs $1.50 each.", "So 3 cost $4.50!", "Is it so?", "Yes"]


def test_brackets_that_are_no_annotation_are_passed_over() -> None:
    found = equations("a << b, <<3+4=7, <<<5=5>> and >> <<\n>>")
    assert [equation.source for equation in found] == ["5=5"]


@given(st.text(alphabet="ab<>=1+ .\n", max_size=60))
def test_spans_cut_the_equation_out_of_the_text(text: str) -> None:
    for equation in equations(text):
        assert text[equation.start : equation.end] == f"<<{equation.source}>>"


@given(st.text())
def test_steps_hold_all_that_is_not_white_space_in_order(text: str) -> None:
    found = steps(text)
    assert "".join("".join(step.text.split()) for step in found) == "".join(text.split())
    assert all(a.end <= b.start for a, b in pairwise(found))
