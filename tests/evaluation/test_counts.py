"""The funnel in numbers."""

from __future__ import annotations

from cotkd.evaluation.counts import data_counts
from cotkd.types import Rationale, Verdict
from tests.formats.rows import question, rationale


def sampled(number: int, status: str, condition: str | None = None) -> Rationale:
    asked = question(0, answer="7")
    verdict = Verdict(status=status, extracted="7" if status == "correct" else "8", expected="7")
    changes = {"verdict": verdict, "condition": condition}
    return rationale(asked, sample_index=number).model_copy(update=changes)


def test_rationales_to_a_wrong_answer_are_counted_and_have_no_vote() -> None:
    rows = [sampled(0, "correct"), sampled(1, "wrong", "8"), sampled(2, "wrong", "8")]
    found = data_counts({"q0": question(0, answer="7")}, rows, kept=1, dropped={"wrong": 2})
    assert (found.questions, found.sampled, found.correct, found.wrong) == (1, 3, 1, 2)
    assert (found.kept, found.dropped) == (1, {"wrong": 2})
    assert found.vote is not None
    assert (found.vote.k, found.vote.majority.correct, found.vote.majority.n) == (1, 1, 1)


def test_questions_that_are_unknown_are_counted_by_their_rationales() -> None:
    found = data_counts({}, [sampled(0, "correct"), sampled(1, "wrong")], kept=2)
    assert (found.questions, found.sampled, found.vote) == (1, 2, None)
