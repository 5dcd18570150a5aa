"""Keeps rationales whose final answer is right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from cotkd.filters.base import RowFilter
from cotkd.types import Question, Rationale

_REASONS = {"wrong": "wrong answer", "unparsed": "no answer"}


class Correct(RowFilter):
    """Drops wrong and unparsed answers, counted apart."""

    title: ClassVar[str] = "the final answer is right"
    source: ClassVar[str] = "Zelikman et al. 2022, arXiv 2203.14465"

    kind: Literal["correct"] = "correct"

    def fault(self, row: Rationale, questions: Mapping[str, Question]) -> str | None:
        """Return what the verdict is, if not `correct`."""
        return _REASONS.get(row.verdict.status)
