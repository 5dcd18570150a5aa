"""Share of texts that were cut off at the most tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import datasets
import evaluate

from cotkd.evaluation.metrics.base import CITATION, FigureMetric
from cotkd.evaluation.statistics import proportion

_INPUTS = """
Args:
    predictions: how each text ended, `stop` or `length`, as engines and `Prediction` rows say it.
Returns:
    truncated_rate: share of `length`. ci95: Wilson interval (low, high). n, truncated: counts.
Examples:
    >>> TruncatedRate().compute(predictions=["stop", "length"])["truncated_rate"]
    0.5
"""


class TruncatedRate(FigureMetric):
    """Share of texts that were cut off; what they would have said is not known."""

    def _info(self) -> evaluate.MetricInfo:
        return evaluate.MetricInfo(
            description="Share of texts that were cut off at the most tokens.",
            citation=CITATION,
            inputs_description=_INPUTS,
            features=datasets.Features({"predictions": datasets.Value("string")}),
        )

    def _compute(self, predictions: Sequence[str]) -> dict[str, Any]:
        share = proportion(list(predictions).count("length"), len(predictions))
        return {
            "truncated_rate": share.accuracy,
            "ci95": tuple(share.ci95),
            "n": share.n,
            "truncated": share.correct,
        }
