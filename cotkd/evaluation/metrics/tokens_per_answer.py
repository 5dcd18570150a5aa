"""Length of answers in tokens: what a student costs at test time."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, median
from typing import Any

import datasets

from cotkd.evaluation.metrics.base import AnswerMetric
from cotkd.evaluation.statistics import percentiles, resampled_means


class TokensPerAnswer(AnswerMetric):
    """Mean tokens per answer with its bootstrap interval."""

    says = "Mean number of tokens of an answer."
    rows = datasets.Features({"predictions": datasets.Value("int64")})
    inputs = """
Args:
    predictions: tokens of each answer, its end token and all turns included.
    seed: of the bootstrap, 0 unless told.
Returns:
    tokens_per_answer: mean. ci95: bootstrap interval (low, high). median, most, total, n.
Examples:
    >>> TokensPerAnswer().compute(predictions=[40, 60])["tokens_per_answer"]
    50.0
"""

    def _compute(self, predictions: Sequence[int], seed: int = 0) -> dict[str, Any]:
        tokens = [int(one) for one in predictions]
        return {
            "tokens_per_answer": fmean(tokens),
            "ci95": tuple(percentiles(resampled_means(tokens, draws=2000, seed=seed))),
            "median": float(median(tokens)),
            "most": max(tokens),
            "total": sum(tokens),
            "n": len(tokens),
        }
