"""Keeps rationales that the teacher finished.

Dropped: "She sold 16 - 3 - 4 = 9 eggs and 9 * 2 = $1", cut off where the token limit was reached,
and read as the answer 1.

A rationale knows it by its score `truncated`, which `rationales.parse` sets where the engine says
so (`finish_reason: length`). Recorded texts say nothing of the kind and stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from cotkd.filters.base import RowFilter
from cotkd.types import Question, Rationale


class Truncated(RowFilter):
    """Drops rationales that ended at the token limit."""

    title: ClassVar[str] = "the teacher finished: not cut at the token limit"

    kind: Literal["truncated"] = "truncated"

    def fault(self, row: Rationale, questions: Mapping[str, Question]) -> str | None:
        """Return whether the completion was cut."""
        return "cut at the token limit" if row.scores.get("truncated") else None
