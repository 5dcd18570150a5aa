"""Time that answers take, asked one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import datasets

from cotkd.evaluation.latency import latency
from cotkd.evaluation.metrics.base import AnswerMetric


class Latency(AnswerMetric):
    """Median and 95th percentile of the seconds per answer."""

    says = "Seconds from a question to its whole answer."
    rows = datasets.Features({"predictions": datasets.Value("float64")})
    inputs = """
Args:
    predictions: seconds from each question to its whole answer.
Returns:
    latency: median. p95: 95th percentile. mean, n.
Examples:
    >>> Latency().compute(predictions=[0.2, 0.3, 1.0])["latency"]
    0.3
"""

    def _compute(self, predictions: Sequence[float]) -> dict[str, Any]:
        found = latency([float(one) for one in predictions])
        return {"latency": found.median, "p95": found.p95, "mean": found.mean, "n": found.n}
