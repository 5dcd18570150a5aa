"""maj@k: accuracy of the answer that most of k samples give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cotkd.errors import DataError
from cotkd.evaluation.metrics.base import SAMPLES, AnswerMetric, verdicts
from cotkd.evaluation.statistics import proportion
from cotkd.evaluation.vote import majority_right


class MajAtK(AnswerMetric):
    """Accuracy of a majority vote; texts without a readable answer do not vote."""

    says = "Share of questions whose most frequent answer in k samples is right."
    cites = """\
@inproceedings{wang2023selfconsistency,
  title={Self-Consistency Improves Chain of Thought Reasoning in Language Models},
  author={Wang, Xuezhi and Wei, Jason and Schuurmans, Dale and others},
  booktitle={International Conference on Learning Representations},
  year={2023}
}"""
    rows = SAMPLES
    inputs = """
Args:
    predictions: for each question the list of its sampled texts.
    references: gold answers.
    k: how many samples vote, the first k of each list; all of them unless told.
    weights: for each question the weights of its texts' votes, not negative: the probability of the
        text, the score of a trained verifier; every vote counts as one unless told.
    verifier: name of the verifier, `numeric` unless told.
Returns:
    maj@K (maj@all where no k is given): share of questions whose majority answer is right.
    ci95: Wilson interval (low, high). n: questions. ties: how many the tie rule decided: of answers
    with equally many votes the one given first wins.
Examples:
    >>> texts = ["#### 12", "#### 7", "so #### 12"]
    >>> MajAtK().compute(predictions=[texts], references=["12"])["maj@all"]
    1.0
"""

    def _compute(
        self,
        predictions: Sequence[Sequence[str]],
        references: Sequence[str],
        k: int | None = None,
        weights: Sequence[Sequence[float]] | None = None,
        verifier: str = "numeric",
    ) -> dict[str, Any]:
        fewest = min(map(len, predictions))
        if k is not None and not 1 <= k <= fewest:
            raise DataError(f"maj@k needs 1 <= k <= {fewest} samples per question, got k={k}")
        if weights is not None and list(map(len, weights)) != list(map(len, predictions)):
            raise DataError("maj@k needs one weight for every text: weights and texts differ")
        right = ties = 0
        for place, (texts, gold) in enumerate(zip(predictions, references, strict=True)):
            voters = texts[:k]
            found = verdicts(voters, [gold] * len(voters), verifier=verifier)
            won, tied = majority_right(found, None if weights is None else weights[place][:k])
            right += won
            ties += tied
        share = proportion(right, len(references))
        name = "maj@all" if k is None else f"maj@{k}"
        return {name: share.accuracy, "ci95": tuple(share.ci95), "n": share.n, "ties": ties}
