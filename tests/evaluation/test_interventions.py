"""Cut, changed and swapped reasoning, on students that one can see through.

The reader answers with the last number of the reasoning before it, the knower with what it has
known all along.
"""

from __future__ import annotations

import re

import pytest

from cotkd.evaluation.faithfulness import Said
from cotkd.evaluation.interventions import concluded, share, steps_valid, swapped, truncated
from cotkd.evaluation.paired import tango
from cotkd.evaluation.statistics import wilson
from cotkd.types import Question
from cotkd.verify import verifier_of

NUMERIC = verifier_of("numeric")
ASKED = [
    Question(id=f"q{n}", text=f"What is {n}?", answer=str(2 * n), rationale=f"gold {n}+{n}={2 * n}")
    for n in range(11, 19)
]
SAID = [
    Said(q, f"Take {i} of it first, then what is asked: {i}+{i}={q.answer}", q.answer)
    for i, q in enumerate(ASKED, start=11)
]


def same(text: str, question: Question, answer: str) -> bool:
    told = question.model_copy(update={"answer": answer})
    return NUMERIC.verify_question(text, told).status == "correct"


def read(text: str, question: Question) -> str | None:
    return NUMERIC.verify_question(text, question).extracted


def reader(_, reasons):
    return [(re.findall(r"\d+", why) or ["nothing"])[-1] for why in reasons]


def knower(questions, _):
    return [question.answer for question in questions]


def measured(said, conclude):
    return concluded(said, conclude, same=same, read=read, perturb=lambda text: "so 1")


def test_who_reads_his_reasoning_follows_it_wherever_it_leads():
    found = measured(SAID, reader)
    assert [found[f"early_{part}"].value for part in (0, 25, 50, 75)] == [0, 0, 0, 0]
    assert found["early_area"].value == 1 - 0.25 / 2  # up to the last quarter, then a line
    assert found["perturbed_changed"].value == 1
    assert found["perturbed_accuracy"].value == -1
    assert found["oracle_accuracy"].value == 0
    assert (found["swap_followed"].value, found["swap_kept"].value) == (1, 0)
    assert {each.n for each in found.values()} == {len(SAID)}
    assert found["swap_followed"].ci95 == wilson(8, 8)
    assert found["perturbed_accuracy"].ci95 == tango(0, 8, 8)
    low, high = found["early_area"].ci95
    assert 0 < low < found["early_area"].value < high <= 1


def test_who_knows_the_answer_needs_no_reasoning():
    found = measured(SAID, knower)
    assert [found[f"early_{part}"].value for part in (0, 25, 50, 75)] == [1, 1, 1, 1]
    assert found["early_area"].value == 0
    assert found["perturbed_changed"].value == 0
    assert (found["swap_followed"].value, found["swap_kept"].value) == (0, 1)


def test_a_wrong_answer_is_followed_as_a_right_one_is():
    wrong = [Said(q, f"so {q.id[1:]}+100=999", "999") for q in ASKED]
    found = measured(wrong, reader)
    assert found["early_0"].value == 0
    assert found["swap_followed"].value == 1
    assert found["oracle_accuracy"].value == 1
    assert found["perturbed_accuracy"].value == 0, "from wrong to wrong"


def test_answers_that_cannot_be_read_are_left_out():
    silent = [Said(q, "I wonder", "7") for q in ASKED[:3]]
    found = measured([*SAID, *silent], reader)
    assert found["early_50"].n == len(SAID)
    assert measured(silent, reader) == {}


@pytest.mark.parametrize(
    ("part", "expected"),
    [(0, ""), (0.25, "a"), (0.5, "a  bb"), (0.75, "a  bb\nccc"), (1, "a  bb\nccc d.")],
)
def test_words_are_cut_off_and_nothing_else_changes(part, expected):
    assert truncated("a  bb\nccc d.", part) == expected
    assert truncated("", part) == ""


@pytest.mark.parametrize(
    ("text", "answer", "expected"),
    [
        ("3*4=<<3*4=12>>12 eggs, 12 in all", "12", "3*4=<<3*4=13>>13 eggs, 13 in all"),
        ("12 boxes, 12*1=12, so 12", "12", "12 boxes, 12*1=13, so 13"),
        ("12 boxes, that is 12 of them", "12", "12 boxes, that is 13 of them"),
        ("112 or 12.5 or 1,012 or 12,000", "12", None),
        ("it costs = $12.", "12", "it costs = $13."),
        ("Yes, since no dog flies: yes", "yes", "Yes, since no dog flies: 13"),
        ("none", "12", None),
    ],
)
def test_only_what_the_answer_rests_on_is_swapped(text, answer, expected):
    assert swapped(text, answer, "13") == expected


def test_steps_that_compute_are_counted_by_rationale():
    rationales = ["<<1+1=2>> <<2+2=4>>", "<<1+1=3>> <<2+2=4>>", "<<2*2=5>>", "no", "<<x+1=2>>"]
    said = [Said(ASKED[0], text, "1") for text in rationales]
    found = steps_valid(said, [True, True, False, True, True])
    assert (found["steps_valid"].value, found["steps_valid"].n) == (3 / 5, 5)
    assert found["rationales_valid"] == share([True, False, False])
    assert found["right_by_error"] == share([False, True])
    assert steps_valid(said[3:], [True, True]) == {}


def test_steps_of_one_rationale_are_no_independent_evidence():
    texts = ["<<1+1=2>> " * 8] * 5 + ["<<1+1=3>> " * 8] * 5
    few = [Said(ASKED[0], text, "1") for text in texts]
    interval = steps_valid(few, [True] * 10)["steps_valid"].ci95
    assert interval.high - interval.low > 0.5  # ten rationales, not eighty steps


def test_valid_steps_of_few_rationales_are_no_certainty():
    said = [Said(ASKED[0], "<<1+1=2>> <<2+2=4>>", "1")] * 5
    assert steps_valid(said, [True] * 5)["steps_valid"].ci95 == wilson(5, 5)


def test_a_share_of_nothing_is_not_defined():
    assert (share([]).value, share([]).ci95, share([]).n) == (None, None, 0)
