"""Keeps rationales whose final answer is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from cotkd.filters.base import Filter, Scope
from cotkd.types import Key, Question, Rationale

_REASONS = {"wrong": "wrong answer", "unparsed": "no answer"}


class Correct(Filter):
    """Drops wrong and unparsed answers, counted apart."""

    title: ClassVar[str] = "the final answer is right"
    source: ClassVar[str] = "Zelikman et al. 2022, arXiv 2203.14465"
    scope: ClassVar[Scope] = "row"

    kind: Literal["correct"] = "correct"

    def drop(
        self, rationales: Sequence[Rationale], questions: Mapping[str, Question]
    ) -> dict[Key, str]:
        """Return the rationales whose verdict is not `correct`."""
        return {
            row.key: _REASONS[row.verdict.status]
            for row in rationales
            if row.verdict.status != "correct"
        }
