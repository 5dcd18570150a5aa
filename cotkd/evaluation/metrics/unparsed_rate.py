"""Share of texts in which no answer can be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cotkd.evaluation.metrics.base import ANSWERS, AnswerMetric, shown, verdicts
from cotkd.evaluation.statistics import proportion


class UnparsedRate(AnswerMetric):
    """Share of texts without a readable answer; a wrong answer is readable."""

    says = "Share of texts in which no answer can be read."
    rows = ANSWERS
    inputs = """
Args:
    predictions: texts that end in an answer.
    references: gold answers.
    verifier: name of the verifier, `numeric` unless told.
Returns:
    unparsed_rate: unparsed / n. ci95: Wilson interval (low, high). n, unparsed: counts.
Examples:
    >>> UnparsedRate().compute(predictions=["#### 1", "no idea"], references=["2", "7"])["unparsed"]
    1
"""

    def _compute(
        self, predictions: Sequence[str], references: Sequence[str], verifier: str = "numeric"
    ) -> dict[str, Any]:
        found = [v.status for v in verdicts(predictions, references, verifier=verifier)]
        share = proportion(found.count("unparsed"), len(found))
        return shown(share, name="unparsed_rate", counted="unparsed")
