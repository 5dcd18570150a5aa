"""The funnel from questions to kept rationales, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from cotkd.evaluation.results import DataCounts
from cotkd.evaluation.vote import vote
from cotkd.rationales.by_question import by_question
from cotkd.types import Question, Rationale


def added(rows: Sequence[object], *names: str) -> dict[str, Any]:
    """Return the sums of some fields of rows."""
    return {name: sum(getattr(row, name) for row in rows) for name in names}


def data_counts(
    questions: Mapping[str, Question],
    rationales: Sequence[Rationale],
    *,
    kept: int,
    dropped: Mapping[str, int] | None = None,
) -> DataCounts:
    """Return the counts of a round; only rationales to the gold answer have a vote."""
    statuses = Counter(rationale.verdict.status for rationale in rationales)
    asked = len(questions) or len({rationale.question_id for rationale in rationales})
    factual = [row for _, own in by_question(questions, rationales) for row in own]
    return DataCounts(
        questions=asked,
        sampled=len(rationales),
        correct=statuses["correct"],
        wrong=statuses["wrong"],
        unparsed=statuses["unparsed"],
        kept=kept,
        dropped=dict(dropped or {}),
        vote=vote(factual),
    )
