r"""Keeps rationales whose every line is a sub-question and its step.

"How many eggs? ** 3*4=<<3*4=12>>12\nSo 7 are left."     dropped: no sub-question in line 2
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from cotkd.filters.base import RowFilter
from cotkd.questions.subquestions import unusable
from cotkd.types import Question, Rationale


class Subquestions(RowFilter):
    """Drops rationales with a line that does not split, or an empty step."""

    title: ClassVar[str] = "every line is a sub-question and its step"
    source: ClassVar[str] = "Shridhar et al. 2023, arXiv 2212.00193"

    kind: Literal["subquestions"] = "subquestions"

    def fault(self, row: Rationale, questions: Mapping[str, Question]) -> str | None:
        """Return the first line that does not split."""
        reason = unusable(row.text)
        return None if reason is None else f"does not split: {reason.partition(':')[0]}"
