"""Calibration of vote shares: whether a clear majority is more often right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cotkd.evaluation.calibration import BINS, calibration
from cotkd.evaluation.metrics.base import SAMPLES, AnswerMetric, verdicts
from cotkd.evaluation.vote import majority, majority_right


class VoteCalibration(AnswerMetric):
    """Distance between the share of votes of majority answers and how often they are right."""

    says = "Expected calibration error and curve of the majority's share of votes."
    cites = """\
@inproceedings{guo2017calibration,
  title={On Calibration of Modern Neural Networks},
  author={Guo, Chuan and Pleiss, Geoff and Sun, Yu and Weinberger, Kilian Q.},
  booktitle={International Conference on Machine Learning},
  year={2017}
}"""
    rows = SAMPLES
    inputs = """
Args:
    predictions: for each question the list of its sampled texts.
    references: gold answers.
    bins: how many equally wide bins the shares of votes are put in, 10 unless told.
    verifier: name of the verifier, `numeric` unless told.
Returns:
    ece: expected calibration error, None where no text has an answer. curve: of each bin that holds
    questions the mean share of the votes, the accuracy of the majority, and the questions. n:
    questions with an answer.
Examples:
    >>> texts = [["#### 12", "#### 12"], ["#### 7", "no idea"]]
    >>> VoteCalibration().compute(predictions=texts, references=["12", "8"])["ece"]
    0.25
"""

    def _compute(
        self,
        predictions: Sequence[Sequence[str]],
        references: Sequence[str],
        bins: int = BINS,
        verifier: str = "numeric",
    ) -> dict[str, Any]:
        shares, right = [], []
        for texts, gold in zip(predictions, references, strict=True):
            found = verdicts(texts, [gold] * len(texts), verifier=verifier)
            winner = majority([verdict.extracted for verdict in found])
            if winner.answer is not None:
                shares.append(winner.votes / len(texts))
                right.append(majority_right(found)[0])
        result = calibration(shares, right, bins=bins)
        curve = [] if result is None else [(b.share, b.accuracy, b.n) for b in result.bins]
        return {"ece": None if result is None else result.ece, "curve": curve, "n": len(shares)}
