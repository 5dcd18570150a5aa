"""Keeps at most a number of rationales of each question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from pydantic import Field

from cotkd.filters.base import Filter, Scope
from cotkd.types import Key, Question, Rationale


class PerQuestion(Filter):
    """Drops rationales of a question beyond the first `limit`."""

    title: ClassVar[str] = "at most `limit` per question"
    scope: ClassVar[Scope] = "question"

    kind: Literal["per_question"] = "per_question"
    limit: int = Field(4, ge=1)
    """Rationales kept per question, the first ones in order."""

    def drop(
        self, rationales: Sequence[Rationale], questions: Mapping[str, Question]
    ) -> dict[Key, str]:
        """Return the rationales beyond the limit."""
        seen: Counter[str] = Counter()
        dropped: dict[Key, str] = {}
        for row in rationales:
            seen[row.question_id] += 1
            if seen[row.question_id] > self.limit:
                dropped[row.key] = f"more than {self.limit} of a question"
        return dropped
