"""The first rationales of each question stay."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from cotkd.filters.per_question import PerQuestion
from cotkd.types import Rationale
from tests.filters.rows import rationales


@given(rationales(), st.integers(1, 5))
def test_the_first_so_many_of_each_question_stay(rows: list[Rationale], limit: int) -> None:
    dropped = PerQuestion(limit=limit).drop(rows, {})
    seen: Counter[str] = Counter()
    for row in rows:
        seen[row.question_id] += 1
        assert (row.key in dropped) == (seen[row.question_id] > limit)
