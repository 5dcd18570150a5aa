"""Keeps rationales that do not show that their writer was told the answer.

    "Since the answer is 12, Ann has 3 * 4 eggs."     speaks of a given answer    1
    "She has 12 eggs left because 20 - 8 is 12."      says it before it reasons   0.5

What is looked for, and how sure each sign is: `cotkd.rationales.hint_leak`. The answer that was
told is the row's `condition`; of rows without one, which were told nothing or come from records
that do not say so, it is the answer that they state. Each row carries its score, `hint_leak`.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from cotkd.filters.base import Questions, Rationales, RowFilter
from cotkd.rationales.hint_leak import SAID_FIRST, TOLD, hint_leak
from cotkd.types import Key, Question, Rationale


class HintLeak(RowFilter):
    """Drops rationales that give away that the answer was given."""

    title: ClassVar[str] = "does not show that the answer was given"

    kind: Literal["hint_leak"] = "hint_leak"
    threshold: float = Field(SAID_FIRST, gt=0, le=1)
    """Least score that is dropped: 1 drops only what speaks of a given answer."""

    def observe(self, rationales: Rationales, questions: Questions) -> dict[Key, dict[str, float]]:
        """Return the score of every row that has none."""
        return {
            row.key: {self.kind: _score(row, questions.get(row.question_id))}
            for row in rationales
            if self.kind not in row.scores
        }

    def fault(self, row: Rationale, questions: Questions) -> str | None:
        """Return what gives the answer away, where the score reaches the threshold."""
        score = row.scores.get(self.kind)
        if score is None:
            score = _score(row, questions.get(row.question_id))
        return _reason(score) if score >= self.threshold else None


def _score(row: Rationale, question: Question | None) -> float:
    told = row.condition if row.condition is not None else row.answer
    return hint_leak(row.text, told or "", question=question.text if question else "")


def _reason(score: float) -> str:
    if score >= TOLD:
        return "speaks of a given answer"
    return "answer before reasoning" if score >= SAID_FIRST else "answer in the first sentence"
