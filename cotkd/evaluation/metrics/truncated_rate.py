"""Share of texts that were cut off at the most tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import datasets

from cotkd.evaluation.metrics.base import AnswerMetric, shown
from cotkd.evaluation.statistics import proportion


class TruncatedRate(AnswerMetric):
    """Share of texts that were cut off; what they would have said is not known."""

    says = "Share of texts that were cut off at the most tokens."
    rows = datasets.Features({"predictions": datasets.Value("string")})
    inputs = """
Args:
    predictions: how each text ended, `stop` or `length`, as engines and `Prediction` rows say it.
Returns:
    truncated_rate: share of `length`. ci95: Wilson interval (low, high). n, truncated: counts.
Examples:
    >>> TruncatedRate().compute(predictions=["stop", "length"])["truncated_rate"]
    0.5
"""

    def _compute(self, predictions: Sequence[str]) -> dict[str, Any]:
        share = proportion(list(predictions).count("length"), len(predictions))
        return shown(share, name="truncated_rate", counted="truncated")
