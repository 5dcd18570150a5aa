r"""Keeps rationales whose every line is a sub-question and its step.

"How many eggs? ** 3*4=<<3*4=12>>12\nSo 7 are left."     dropped: no sub-question in line 2
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from cotkd.filters.base import Filter, Scope
from cotkd.questions.subquestions import unusable
from cotkd.types import Key, Question, Rationale


class Subquestions(Filter):
    """Drops rationales with a line that does not split, or an empty step."""

    title: ClassVar[str] = "every line is a sub-question and its step"
    source: ClassVar[str] = "Shridhar et al. 2023, arXiv 2212.00193"
    scope: ClassVar[Scope] = "row"

    kind: Literal["subquestions"] = "subquestions"

    def drop(
        self, rationales: Sequence[Rationale], questions: Mapping[str, Question]
    ) -> dict[Key, str]:
        """Return the rationales that do not split, each with its first line that does not."""
        reasons = ((row.key, unusable(row.text)) for row in rationales)
        return {
            key: f"does not split: {reason.partition(':')[0]}"
            for key, reason in reasons
            if reason is not None
        }
