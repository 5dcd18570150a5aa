"""Paired comparisons: between the arms of one run, and between runs (`cotkd compare RUN…`).

Two models are compared on the questions that both answered, question by question:

    {"a": "student", "b": "baseline", "suite": "microgsm", "n": 500, "only_a": 190, "only_b": 20,
     "difference": 0.34, "ci95": [0.296, 0.384], "p_value": 1.6e-35, "test": "mcnemar_exact"}
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cotkd.errors import DataError
from cotkd.evaluation.results import Comparison
from cotkd.evaluation.run import QUESTIONS, read_predictions
from cotkd.evaluation.statistics import mcnemar_exact, paired_bootstrap
from cotkd.types import Prediction

PAIRS = (("student", "baseline"), ("student", "teacher"))
DRAWS = 10_000


def compare_predictions(
    a: Sequence[Prediction],
    b: Sequence[Prediction],
    *,
    names: tuple[str, str],
    suite: str,
    draws: int = DRAWS,
    seed: int = 0,
) -> Comparison:
    """Return accuracy of `a` minus accuracy of `b` on the questions that both answered.

    Raises:
        DataError: the two share no question, or disagree about a gold answer.
    """
    left, right = correctness(a, b, names=names, suite=suite)
    only_a = sum(x > y for x, y in zip(left, right, strict=True))
    only_b = sum(x < y for x, y in zip(left, right, strict=True))
    difference = paired_bootstrap(left, right, draws=draws, seed=seed)
    return Comparison(
        a=names[0],
        b=names[1],
        suite=suite,
        difference=difference.value,
        ci95=difference.ci95,
        p_value=mcnemar_exact(only_a, only_b),
        n=len(left),
        only_a=only_a,
        only_b=only_b,
    )


def correctness(
    a: Sequence[Prediction], b: Sequence[Prediction], *, names: tuple[str, str], suite: str
) -> tuple[list[bool], list[bool]]:
    """Return who was right on each shared question, in the order of `a`."""
    other = {row.question_id: row.verdict for row in b}
    shared = [row for row in a if row.question_id in other]
    if not shared:
        raise DataError(f"{names[0]} and {names[1]} share no question of suite {suite!r}")
    for row in shared:
        gold = other[row.question_id].expected
        if row.verdict.expected != gold:
            raise DataError(
                f"{names[0]} and {names[1]} have different gold answers to question "
                f"{row.question_id!r} of {suite!r} ({row.verdict.expected} and {gold})"
            )
    return (
        [row.verdict.status == "correct" for row in shared],
        [other[row.question_id].status == "correct" for row in shared],
    )


def compare_arms(
    evaluation: Path,
    *,
    suites: Sequence[str] | None = None,
    pairs: Sequence[tuple[str, str]] = PAIRS,
    draws: int = DRAWS,
    seed: int = 0,
) -> tuple[Comparison, ...]:
    """Compare the arms of one run, suite by suite, from the files in its `evaluation/` folder.

    A pair of which one arm is absent is left out, as is a suite that one of the two did not
    answer. `suites` gives the order; without it suites come by name.
    """
    arms = read_arms(evaluation)
    return tuple(
        compare_predictions(
            arms[a][suite], arms[b][suite], names=(a, b), suite=suite, draws=draws, seed=seed
        )
        for a, b in pairs
        for suite in suites or arms.get(a, {})
        if suite in arms.get(a, {}) and suite in arms.get(b, {})
    )


def read_arms(evaluation: Path) -> dict[str, dict[str, list[Prediction]]]:
    """Return all predictions of a run by arm, then by suite."""
    labels = sorted(path.name for path in evaluation.glob("*/") if path.name != QUESTIONS)
    arms = {label: read_arm(evaluation, label) for label in labels}
    return {label: suites for label, suites in arms.items() if suites}


def read_arm(evaluation: Path, label: str) -> dict[str, list[Prediction]]:
    """Return the predictions of one arm by suite."""
    files = sorted((evaluation / label).glob("*.jsonl"))
    return {rows[0].suite: rows for path in files if (rows := read_predictions(path))}
