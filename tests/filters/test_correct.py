"""Only right answers stay."""

from __future__ import annotations

from cotkd.filters.correct import Correct
from tests.filters.rows import rationale


def test_wrong_and_unread_answers_are_dropped_for_different_reasons() -> None:
    rows = [rationale("", answer, sample=i) for i, answer in enumerate(["12", "13", "?", "12.00"])]
    reasons = Correct().drop(rows, {})
    assert list(reasons.values()) == ["wrong answer", "no answer"]
    assert [key.sample_index for key in reasons] == [1, 2]
