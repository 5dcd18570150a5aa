"""The first or the shortest rationales of each question stay."""

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


@given(rationales(), st.integers(1, 5))
def test_the_shortest_so_many_of_each_question_stay(rows: list[Rationale], limit: int) -> None:
    dropped = PerQuestion(limit=limit, order="shortest").drop(rows, {})
    for question in {row.question_id for row in rows}:
        mine = [row for row in rows if row.question_id == question]
        kept = [row for row in mine if row.key not in dropped]
        assert len(kept) == min(limit, len(mine))
        for row in kept:
            place = mine.index(row)
            before = sum(
                (len(other.text), number) < (len(row.text), place)
                for number, other in enumerate(mine)
            )
            assert before < limit
