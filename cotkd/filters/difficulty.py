"""Keeps questions that are neither too easy nor too hard, by the share of right answers.

    8 of 8 samples right    too easy    a student learns little from it
    4 of 8                  kept
    0 of 8                  too hard    what is right there may be right by chance

The share is the teacher's among all rationales that a selection begins with, before any filter
drops the wrong ones; each row carries it as the score `pass_rate`. With `predictions` it is a
student's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from cotkd.filters.base import Filter, Questions, Rationales, Scope
from cotkd.store.rows import read_rows
from cotkd.types import Key, Prediction, Rationale, Verdict

SCORE = "pass_rate"


class Difficulty(Filter):
    """Drops rationales to questions whose pass rate lies outside a band."""

    title: ClassVar[str] = "the question's pass rate lies in a band"
    scope: ClassVar[Scope] = "question"

    kind: Literal["difficulty"] = "difficulty"
    least: float = Field(0.1, ge=0, le=1)
    """Smallest share of right answers that is kept."""
    most: float = Field(0.9, ge=0, le=1)
    """Largest share of right answers that is kept."""
    predictions: Path | None = None
    """A student's answers to the questions (`evaluation/student/SUITE.jsonl` of a run), whose pass
    rate counts; null takes the teacher's, from the rationales themselves."""
    unknown: Literal["keep", "drop"] = "keep"
    """What happens to questions that `predictions` does not answer."""

    @model_validator(mode="after")
    def _ordered(self) -> Difficulty:
        if self.least > self.most:
            raise ValueError(f"least {self.least} is more than most {self.most}")
        return self

    def observe(self, rationales: Rationales, questions: Questions) -> dict[Key, dict[str, float]]:
        """Return the teacher's pass rate of each row's question."""
        if self.predictions is not None:
            return {}
        unknown = [row for row in rationales if SCORE not in row.scores]
        rates = _rates((row.question_id, row.verdict) for row in rationales)
        return {row.key: {SCORE: rates[row.question_id]} for row in unknown}

    def drop(self, rationales: Rationales, questions: Questions) -> dict[Key, str]:
        """Return the rationales to questions outside the band."""
        reasons = ((row.key, self._fault(rate)) for row, rate in self._rated(rationales))
        return {key: reason for key, reason in reasons if reason is not None}

    def _rated(self, rationales: Sequence[Rationale]) -> Iterable[tuple[Rationale, float | None]]:
        if self.predictions is not None:
            student = _student(self.predictions, _changed(self.predictions))
            return [(row, student.get(row.question_id)) for row in rationales]
        seen = self.observe(rationales, {})
        return [
            (row, row.scores.get(SCORE, seen.get(row.key, {}).get(SCORE))) for row in rationales
        ]

    def _fault(self, rate: float | None) -> str | None:
        if rate is None:
            return "no known pass rate" if self.unknown == "drop" else None
        if rate > self.most:
            return "too easy"
        return "too hard" if rate < self.least else None


def _rates(verdicts: Iterable[tuple[str, Verdict]]) -> dict[str, float]:
    asked: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for name, verdict in verdicts:
        asked[name] += 1
        right[name] += verdict.status == "correct"
    return {name: right[name] / count for name, count in asked.items()}


def _changed(path: Path) -> int:
    return path.stat().st_mtime_ns if path.is_file() else 0


@lru_cache(maxsize=4)
def _student(path: Path, changed: int) -> dict[str, float]:
    """Return the pass rate of each question in a file of predictions; `changed` is its age."""
    return _rates((row.question_id, row.verdict) for row in read_rows(path, Prediction))
