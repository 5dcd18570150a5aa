"""Accuracy of groups of questions: by number of steps, by operation, by perturbation."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from cotkd.errors import DataError
from cotkd.evaluation.metrics.base import ANSWERS, AnswerMetric, shown, verdicts
from cotkd.evaluation.statistics import proportion


class AccuracyBy(AnswerMetric):
    """Share of right final answers in each group of questions."""

    says = "Share of texts whose final answer is right, by group."
    rows = ANSWERS
    inputs = """
Args:
    predictions: texts that end in an answer.
    references: gold answers.
    groups: the group of each question, e.g. its number of steps; a list of groups where a question
        counts in several, e.g. its operations.
    verifier: name of the verifier, `numeric` unless told.
Returns:
    For each group, in the order of appearance: accuracy, ci95 (Wilson), n, correct.
Examples:
    >>> texts, golds = ["#### 12", "#### 7"], ["12", "8"]
    >>> found = AccuracyBy().compute(predictions=texts, references=golds, groups=["+", "*"])
    >>> found["+"]["accuracy"], found["*"]["accuracy"]
    (1.0, 0.0)
"""

    def _compute(
        self,
        predictions: Sequence[str],
        references: Sequence[str],
        groups: Sequence[Any],
        verifier: str = "numeric",
    ) -> dict[str, Any]:
        if len(groups) != len(predictions):
            raise DataError(f"needs {len(predictions)} groups, one per text, got {len(groups)}")
        right: dict[Hashable, list[bool]] = {}
        found = verdicts(predictions, references, verifier=verifier)
        for verdict, given in zip(found, groups, strict=True):
            for group in given if isinstance(given, list | tuple | set) else [given]:
                right.setdefault(group, []).append(verdict.status == "correct")
        shares = {group: proportion(sum(each), len(each)) for group, each in right.items()}
        figures: dict[Any, Any] = {
            group: shown(share, name="accuracy", counted="correct")
            for group, share in shares.items()
        }
        return figures
