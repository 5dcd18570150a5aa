"""A wrong answer is wrong, spelt like the right one, of its size, and the same in every run."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.errors import DataError
from cotkd.questions.wrong import wrong_answer, wrong_answers
from cotkd.rationales.number import parse_number
from cotkd.types import Question
from cotkd.verify.choice import chosen


def asked(answer, *, choices=None, name="q"):
    return Question(id=name, text="?", answer=answer, choices=choices)


NUMERAL = st.one_of(
    st.integers(-(10**9), 10**9).map(str),
    st.integers(1000, 10**12).map("{:,}".format),
    st.decimals("-1e6", "1e6", places=2).map(str),
    st.integers(0, 10**6).map("${:,}".format),
    st.tuples(st.integers(0, 99), st.integers(2, 99)).map(lambda pair: f"{pair[0]}/{pair[1]}"),
    st.sampled_from(
        ["0", "-0.5", ".5", ".0", "20%", "007", "1" * 400, "9" * 16, "1.000.000", "9.3e12"]
    ),
)


@given(NUMERAL, st.integers(0, 9))
def test_a_wrong_number_is_another_of_the_same_size_and_spelling(answer, seed):
    for wrong in wrong_answers(asked(answer), 3, kind="number", seed=seed):
        right, other = parse_number(answer), parse_number(wrong)
        assert right is not None
        assert other is not None
        assert right.value != other.value
        assert right.scale == other.scale
        assert (right.value < 0) == (other.value < 0)
        assert isinstance(right.value, int) <= isinstance(other.value, int) or "/" in answer
        assert abs(right.value - other.value) <= max(abs(right.value) / Fraction(5), least(answer))
        assert [c for c in wrong if c in ".$%/e"] == [c for c in answer if c in ".$%/e"]


def least(answer):
    """Two units of the number as written."""
    number = parse_number(answer).value
    if "/" in answer:
        return Fraction(2, int(answer.split("/")[1]))
    return 2 * number if answer in ("1.000.000", "9.3e12") else 2


@given(st.integers(0, 99), st.integers(1, 9))
def test_several_wrong_answers_differ_and_begin_with_the_first(answer, count):
    several = wrong_answers(asked(str(answer)), count)
    assert len(set(several)) == len(several) >= min(count, 2)
    assert several[0] == wrong_answer(asked(str(answer)))


OPTIONS = ("a feather", "an anvil", "A Feather", "12", "B")


@given(st.sampled_from("ABCD"), st.sampled_from(["{}", "({})", "{}.", "({})."]), st.integers(0, 20))
def test_a_wrong_letter_names_an_option_of_another_text(letter, spelling, seed):
    question = asked(spelling.format(letter), choices=OPTIONS[:4])
    for wrong in wrong_answers(question, 9, kind="choice", seed=seed):
        assert wrong in [spelling.format(other) for other in "ABCD"]
        assert chosen(wrong, OPTIONS[:4]) != chosen(question.answer, OPTIONS[:4])


@pytest.mark.parametrize("answer", ["an anvil", "An  anvil", "12", "B"])
def test_a_wrong_text_is_another_option(answer):
    found = wrong_answers(asked(answer, choices=OPTIONS), 9)
    assert answer not in found
    assert set(found) < set(OPTIONS)
    assert len(found) >= 3


@pytest.mark.parametrize(
    ("answer", "wrong"), [("yes", "no"), ("False", "True"), ("NO", "YES"), ("true", "false")]
)
def test_the_other_of_two_words(answer, wrong):
    assert wrong_answer(asked(answer)) == wrong_answer(asked(answer), "choice") == wrong


def test_the_empty_answer_is_empty():
    assert wrong_answer(asked("12"), "empty") == ""


def test_question_and_seed_draw_the_answer_and_nothing_else_does():
    drawn = [wrong_answer(asked("5000", name=f"q{i}"), seed=s) for i in range(20) for s in (0, 1)]
    again = [wrong_answer(asked("5000", name=f"q{i}"), seed=s) for i in range(20) for s in (0, 1)]
    assert drawn == again
    assert len(set(drawn)) > 30


@pytest.mark.parametrize(("answer", "kind"), [("blue", "other"), ("12", "choice"), ("B", "number")])
def test_an_answer_of_another_kind_is_refused_by_name(answer, kind):
    with pytest.raises(DataError, match=f"question 'q'.*{kind}.*'{answer}'"):
        wrong_answer(asked(answer), kind)
