"""The majority is the first seen of the commonest, and the unread do not vote."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from cotkd.types import Verdict
from cotkd.verify import verify
from cotkd.verify.agreement import Vote, majority, majority_verdict

ANSWERS = st.lists(st.sampled_from(["17", "18", "19", None]))


@given(ANSWERS)
def test_no_answer_has_more_votes_and_no_earlier_one_as_many(answers: list[str | None]) -> None:
    vote = majority(answers)
    counts = Counter(answer for answer in answers if answer is not None)
    assert vote.cast == counts.total()
    if vote.answer is None:
        assert not counts
    else:
        assert vote.tied == sum(count == vote.votes for count in counts.values()) - 1
        assert vote.votes == counts[vote.answer] == max(counts.values())
        earlier = answers[: answers.index(vote.answer)]
        assert all(counts[answer] < vote.votes for answer in earlier if answer is not None)


@given(ANSWERS, st.integers(0, 5))
def test_unread_answers_change_nothing(answers: list[str | None], more: int) -> None:
    assert majority([None] * more + answers) == majority(answers)


def test_spellings_of_one_value_vote_together() -> None:
    texts = ["#### 17", "#### 18", "no idea", "The answer is 18.00."]
    verdict = majority_verdict(verify(text, "18") for text in texts)
    assert (verdict.status, verdict.extracted, verdict.reason) == (
        "correct",
        "18",
        "majority, 2 of 3",
    )


def test_a_tie_is_stated() -> None:
    assert majority(["1", "2"]) == Vote("1", 1, 2, tied=1)
    reasons = [
        majority_verdict(verify(f"#### {answer}", "1") for answer in answers).reason
        for answers in ("12", "1231", "123")
    ]
    assert reasons == ["majority, 1 of 2, tied with 1", "majority, 2 of 4",
                       "majority, 1 of 3, tied with 2"]  # fmt: skip


def test_a_vote_nobody_cast_is_unparsed() -> None:
    assert majority_verdict([]) == Verdict(status="unparsed", reason="no sample could be read")
    assert majority_verdict([verify("?", "18")]).status == "unparsed"
