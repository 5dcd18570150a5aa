"""Pairs of sound rationales to the right and to a wrong answer stay; everything else goes."""

from __future__ import annotations

import pytest

from cotkd.filters.counterfactual_pair import CounterfactualPair
from tests.filters.rows import QUESTIONS, rationale

RIGHT = rationale("3 * 4 = <<3*4=12>>12 eggs.", told="12")
WRONG = rationale("3 + 12 = <<3+12=15>>15 eggs.", "15", told="15", sample=1)


def test_a_pair_stays() -> None:
    assert not CounterfactualPair().drop([RIGHT, WRONG], QUESTIONS)
    assert not CounterfactualPair().drop([RIGHT, WRONG], {})


@pytest.mark.parametrize(
    ("text", "told", "reason"),
    [
        ("3 * 4 = <<3*4=15>>15 eggs.", "15", "wrong step"),
        ("3 * 4 = <<3*4=12>>12 eggs.", "15", "does not arrive at its answer"),
        ("Fifteen.", "15", "no last step to compare"),
        ("3 + 12 = <<3+12=15>>15 eggs.", None, "no answer was given"),
        ("3 + 9 = <<3+9=12>>12 eggs.", "12.0", "no counterpart to a wrong answer"),
    ],
)
def test_what_does_not_support_its_answer_breaks_the_pair(
    text: str, told: str | None, reason: str
) -> None:
    other = rationale(text, told=told, sample=1)
    dropped = CounterfactualPair().drop([RIGHT, other], QUESTIONS)
    assert dropped[other.key] == reason
    assert dropped[RIGHT.key] == "no counterpart to a wrong answer"


def test_rows_are_paired_in_order_and_within_their_question() -> None:
    more = [
        RIGHT.model_copy(update={"sample_index": at, "stream": f"s{at}", "question_id": name})
        for at, name in [(2, "q1"), (3, "q1"), (4, "q2")]
    ]
    second = WRONG.model_copy(update={"sample_index": 5})
    dropped = CounterfactualPair().drop([more[0], WRONG, *more[1:], second, RIGHT], QUESTIONS)
    assert set(dropped) == {more[2].key, RIGHT.key}


def test_words_are_paired_where_what_cannot_be_checked_is_kept() -> None:
    rows = [
        rationale("Birds fly.", "yes", told="Yes"),
        rationale("Penguins do not.", "no", told="no", sample=1),
    ]
    asked = {"q1": QUESTIONS["q1"].model_copy(update={"answer": "yes"})}
    assert not CounterfactualPair(uncheckable="keep").drop(rows, asked)
    assert len(CounterfactualPair().drop(rows, asked)) == 2


def test_wrong_steps_to_a_wrong_answer_alone_can_be_let_through() -> None:
    bent = rationale("3 * 4 = <<3*4=15>>15 eggs.", "15", told="15", sample=1)
    lenient = CounterfactualPair(counterfactual_steps="any")
    assert not lenient.drop([RIGHT, bent], QUESTIONS)
    false = rationale("3 * 5 = <<3*5=12>>12 eggs.", told="12")
    assert lenient.drop([false, bent], QUESTIONS)[false.key] == "wrong step"
    elsewhere = rationale("3 * 4 = <<3*4=12>>12 eggs.", told="15", sample=1)
    assert lenient.drop([RIGHT, elsewhere], QUESTIONS)[elsewhere.key].startswith("does not arrive")
