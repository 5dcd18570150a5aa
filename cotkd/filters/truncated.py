"""Keeps rationales that the teacher finished.

Dropped: "She sold 16 - 3 - 4 = 9 eggs and 9 * 2 = $1", cut off where the token limit was reached,
and read as the answer 1.

A rationale knows it by its score `truncated`, which `rationales.parse` sets where the engine says
so (`finish_reason: length`). Recorded texts say nothing of the kind and stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from cotkd.filters.base import Filter, Scope
from cotkd.types import Key, Question, Rationale


class Truncated(Filter):
    """Drops rationales that ended at the token limit."""

    title: ClassVar[str] = "the teacher finished: not cut at the token limit"
    scope: ClassVar[Scope] = "row"

    kind: Literal["truncated"] = "truncated"

    def drop(
        self, rationales: Sequence[Rationale], questions: Mapping[str, Question]
    ) -> dict[Key, str]:
        """Return the rationales whose completion was cut."""
        return {
            row.key: "cut at the token limit" for row in rationales if row.scores.get("truncated")
        }
