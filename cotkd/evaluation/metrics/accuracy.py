"""Accuracy of final answers with its Wilson interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cotkd.evaluation.metrics.base import ANSWERS, AnswerMetric, shown, verdicts
from cotkd.evaluation.statistics import proportion


class Accuracy(AnswerMetric):
    """Share of right final answers; a text without a readable answer is not correct."""

    says = "Share of texts whose final answer is right."
    rows = ANSWERS
    inputs = """
Args:
    predictions: texts that end in an answer.
    references: gold answers.
    verifier: name of the verifier, `numeric` unless told.
Returns:
    accuracy: correct / n. ci95: Wilson interval (low, high). n, correct, wrong, unparsed: counts.
Examples:
    >>> Accuracy().compute(predictions=["#### 12", "no idea"], references=["12", "7"])["accuracy"]
    0.5
"""

    def _compute(
        self, predictions: Sequence[str], references: Sequence[str], verifier: str = "numeric"
    ) -> dict[str, Any]:
        found = [v.status for v in verdicts(predictions, references, verifier=verifier)]
        share = proportion(found.count("correct"), len(found))
        others = {status: found.count(status) for status in ("wrong", "unparsed")}
        return shown(share, name="accuracy", counted="correct") | others
