"""Lines without a sub-question are no data, and the reason names the line."""

from __future__ import annotations

from cotkd.filters.subquestions import Subquestions
from tests.filters.rows import rationale


def test_only_rationales_that_split_are_kept() -> None:
    rows = [
        rationale("How many? ** 3*4=12", sample=0),
        rationale("How many? ** 3*4=12\nSo 12.", sample=1),
        rationale("How many? ** ", sample=2),
    ]
    assert Subquestions().drop(rows, {}) == {
        rows[1].key: "does not split: no sub-question in line 2",
        rows[2].key: "does not split: empty step in line 1",
    }
