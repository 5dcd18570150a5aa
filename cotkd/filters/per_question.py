"""Keeps at most a number of rationales of each question: the first, or the shortest ones.

    limit 1, order shortest     of the rationales that are left, the one with the fewest characters

After `correct` that is shortest-correct selection, which spares long traces.
"""

from __future__ import annotations

from collections import defaultdict
from typing import ClassVar, Literal

from pydantic import Field

from cotkd.filters.base import Filter, Questions, Rationales, Scope
from cotkd.types import Key, Rationale


class PerQuestion(Filter):
    """Drops rationales of a question beyond `limit`."""

    title: ClassVar[str] = "at most `limit` per question"
    scope: ClassVar[Scope] = "question"

    kind: Literal["per_question"] = "per_question"
    limit: int = Field(4, ge=1)
    """Rationales kept per question."""
    order: Literal["first", "shortest"] = "first"
    """Which are kept: the first ones, or those with the fewest characters, earlier ones first."""

    def drop(self, rationales: Rationales, questions: Questions) -> dict[Key, str]:
        """Return the rationales beyond the limit."""
        of_question: defaultdict[str, list[Rationale]] = defaultdict(list)
        for row in rationales:
            of_question[row.question_id].append(row)
        if self.order == "shortest":
            for rows in of_question.values():
                rows.sort(key=lambda row: len(row.text))
        kept = {row.key for rows in of_question.values() for row in rows[: self.limit]}
        what = {"first": "", "shortest": " shorter ones"}[self.order]
        reason = f"more than {self.limit}{what} of a question"
        return {row.key: reason for row in rationales if row.key not in kept}
