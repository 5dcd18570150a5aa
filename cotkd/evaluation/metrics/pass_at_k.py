"""Unbiased pass@k: the chance that one of k samples is right."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Any

from cotkd.errors import DataError
from cotkd.evaluation.metrics.base import SAMPLES, AnswerMetric, verdicts
from cotkd.evaluation.vote import pass_at_k


class PassAtK(AnswerMetric):
    """Chance that at least one of k samples is right, estimated without bias from n >= k."""

    says = "Chance that at least one of k sampled texts ends in the right answer."
    cites = """\
@article{chen2021codex,
  title={Evaluating Large Language Models Trained on Code},
  author={Chen, Mark and Tworek, Jerry and Jun, Heewoo and others},
  journal={arXiv preprint arXiv:2107.03374},
  year={2021}
}"""
    rows = SAMPLES
    inputs = """
Args:
    predictions: for each question the list of its sampled texts, at least max(k) of them.
    references: gold answers.
    k: the sizes wanted, (1,) unless told.
    verifier: name of the verifier, `numeric` unless told.
Returns:
    pass@K for each K: mean over questions of 1 - C(n - c, K) / C(n, K), for c right of n samples.
    n: questions.
Examples:
    >>> PassAtK().compute(predictions=[["#### 12", "#### 7"]], references=["12"], k=(1, 2))
    {'pass@1': 0.5, 'pass@2': 1.0, 'n': 1}
"""

    def _compute(
        self,
        predictions: Sequence[Sequence[str]],
        references: Sequence[str],
        k: Sequence[int] = (1,),
        verifier: str = "numeric",
    ) -> dict[str, Any]:
        fewest = min(map(len, predictions))
        if not k or min(k) < 1 or max(k) > fewest:
            raise DataError(
                f"pass@k needs 1 <= k <= {fewest} samples per question, got k={list(k)}"
            )
        counts = []
        for texts, gold in zip(predictions, references, strict=True):
            found = [v.status for v in verdicts(texts, [gold] * len(texts), verifier=verifier)]
            counts.append((len(found), found.count("correct")))
        chances = {f"pass@{size}": fmean(pass_at_k(n, c, k=size) for n, c in counts) for size in k}
        return {**chances, "n": len(counts)}
