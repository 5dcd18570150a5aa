"""Paired comparisons: between the arms of one run, and between runs (`cotkd compare RUN…`).

Two models are compared on the questions that both answered, question by question:

    {"a": "student", "b": "baseline", "suite": "microgsm", "n": 500, "only_a": 190, "only_b": 20,
     "difference": 0.34, "ci95": [0.296, 0.384], "p_value": 1.6e-35, "test": "mcnemar_exact",
     "p_holm": 1.1e-34, "detectable": 0.083}

Questions that were made of one template, or of one seed question, count together (`Clusters`):
both the interval and the test then speak of other templates, not of more questions from these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from cotkd.errors import DataError
from cotkd.evaluation.paired import paired_difference
from cotkd.evaluation.power import detectable, detectable_by
from cotkd.evaluation.results import Comparison, Interval
from cotkd.evaluation.run import QUESTIONS, read_predictions, suite_file
from cotkd.evaluation.seeds import compare_seeds
from cotkd.evaluation.statistics import (
    cluster_numbers,
    holm,
    mcnemar_exact,
    sign_flip_exact,
)
from cotkd.store.rows import read_rows
from cotkd.types import Prediction, Question

PAIRS = (("student", "baseline"), ("student", "teacher"))
DRAWS = 10_000
UNKNOWN = Interval(-1.0, 1.0)
"""Of questions that are all of one cluster: they do not tell what another one would show."""

Clusters = Mapping[str, str]
"""The cluster of each question that has one, by question id."""


def compare_predictions(
    a: Sequence[Prediction],
    b: Sequence[Prediction],
    *,
    names: tuple[str, str],
    suite: str,
    draws: int = DRAWS,
    seed: int = 0,
    clusters: Clusters | None = None,
) -> Comparison:
    """Return accuracy of `a` minus accuracy of `b` on the questions that both answered.

    Raises:
        DataError: the two share no question, or disagree about a gold answer.
    """
    ids, left, right = correctness(a, b, names=names, suite=suite)
    only_a = sum(x > y for x, y in zip(left, right, strict=True))
    only_b = sum(x < y for x, y in zip(left, right, strict=True))
    labels = _labels(ids, clusters)
    difference = paired_difference(left, right, draws=draws, seed=seed, clusters=labels)
    ci95 = UNKNOWN if _alone(labels) else difference.ci95
    common = {
        "a": names[0],
        "b": names[1],
        "suite": suite,
        "difference": difference.value,
        "ci95": ci95,
        "n": len(left),
        "only_a": only_a,
        "only_b": only_b,
    }
    if labels is None:
        return Comparison(
            **common,
            p_value=mcnemar_exact(only_a, only_b),
            detectable=detectable(len(left), discordance=(only_a + only_b) / len(left)),
        )
    index = cluster_numbers(labels, len(labels))
    net = np.bincount(index, weights=np.subtract(left, right, dtype=np.float64))
    return Comparison(
        **common,
        test="sign_flip_exact",
        p_value=sign_flip_exact([round(value) for value in net]),
        detectable=detectable_by(ci95),
        clusters=len(net),
    )


def compare_over_seeds(
    a: Sequence[Sequence[Prediction]],
    b: Sequence[Sequence[Prediction]],
    *,
    names: tuple[str, str],
    suite: str,
    draws: int = DRAWS,
    seed: int = 0,
    clusters: Clusters | None = None,
    same_seeds: bool = True,
) -> Comparison:
    """Return mean accuracy of `a` minus that of `b`, each a model trained with several seeds.

    The two may have different numbers of seeds. How both sources of chance are counted is written
    in `cotkd.evaluation.seeds`; with one seed each it is `compare_predictions`.

    Args:
        a: Predictions of each seed.
        b: Likewise.
        names: What the two are called.
        suite: What was asked.
        draws: Draws of questions and seeds.
        seed: Seed of the draws.
        clusters: The cluster of each question that has one.
        same_seeds: Where both have as many: whether they are the same ones, in the same order, so
            that the difference of each seed means something and is given.

    Raises:
        DataError: as `compare_predictions`, or the seeds of one model answered other questions.
    """
    if len(a) == len(b) == 1:
        return compare_predictions(
            a[0], b[0], names=names, suite=suite, draws=draws, seed=seed, clusters=clusters
        )
    ids, _, _ = correctness(a[0], b[0], names=names, suite=suite)
    left, right = (
        _matrix(rows, ids, name, suite) for rows, name in zip((a, b), names, strict=True)
    )
    labels = _labels(ids, clusters)
    found = compare_seeds(left, right, draws=draws, seed=seed, clusters=labels)
    ci95, p_value = (UNKNOWN, 1.0) if _alone(labels) else (found.ci95, found.p_value)
    paired = same_seeds and len(a) == len(b)
    return Comparison(
        a=names[0],
        b=names[1],
        suite=suite,
        difference=found.value,
        ci95=ci95,
        p_value=p_value,
        test="questions_and_seeds",
        detectable=detectable_by(ci95),
        n=len(ids) * (len(a) if paired else 1),
        clusters=None if labels is None else len(set(labels)),
        seeds=tuple((left.mean(axis=1) - right.mean(axis=1)).tolist()) if paired else None,
    )


def _matrix(
    seeds: Sequence[Sequence[Prediction]], ids: Sequence[str], name: str, suite: str
) -> np.ndarray:
    """Return who was right: [seeds, questions]."""
    rows = []
    for predictions in seeds:
        right = {row.question_id: row.verdict.status == "correct" for row in predictions}
        if missing := [one for one in ids if one not in right]:
            raise DataError(
                f"the seeds of {name} answered different questions of {suite!r}, such as "
                f"{missing[0]!r}: evaluate all of them on the same ones"
            )
        rows.append([right[one] for one in ids])
    return np.array(rows, dtype=np.int64)


def _labels(ids: Sequence[str], clusters: Clusters | None) -> list[str] | None:
    """Return the cluster of each question; None where all of them stand for themselves."""
    labels = [(clusters or {}).get(one, f"\x1f{one}") for one in ids]
    return labels if len(set(labels)) < len(labels) else None


def _alone(labels: Sequence[str] | None) -> bool:
    """Return whether all questions are of one cluster."""
    return labels is not None and len(set(labels)) == 1


def correctness(
    a: Sequence[Prediction], b: Sequence[Prediction], *, names: tuple[str, str], suite: str
) -> tuple[list[str], list[bool], list[bool]]:
    """Return the shared questions and who was right on each, in the order of `a`."""
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
        [row.question_id for row in shared],
        [row.verdict.status == "correct" for row in shared],
        [other[row.question_id].status == "correct" for row in shared],
    )


def corrected(comparisons: Sequence[Comparison]) -> tuple[Comparison, ...]:
    """Return the comparisons with `p_holm`: corrected over the suites of the same two models."""
    pairs: dict[tuple[str, str], list[int]] = {}
    for place, row in enumerate(comparisons):
        pairs.setdefault((row.a, row.b), []).append(place)
    adjusted = {
        place: p
        for places in pairs.values()
        for place, p in zip(places, holm([comparisons[i].p_value for i in places]), strict=True)
    }
    return tuple(
        row.model_copy(update={"p_holm": adjusted[place]}) for place, row in enumerate(comparisons)
    )


def compare_arms(
    evaluation: Path | Sequence[Path],
    *,
    suites: Sequence[str] | None = None,
    pairs: Sequence[tuple[str, str]] = PAIRS,
    draws: int = DRAWS,
    seed: int = 0,
) -> tuple[Comparison, ...]:
    """Compare the arms of one run, suite by suite, from the files in its `evaluation/` folder.

    A pair of which one arm is absent is left out, as is a suite that one of the two did not
    answer. `suites` gives the order; without it suites come by name.

    Args:
        evaluation: The folder; of a run over several seeds, that of each.
        suites: Which suites, in this order.
        pairs: Which arms.
        draws: Bootstrap resamples.
        seed: Seed of the resampling.
    """
    folders = [evaluation] if isinstance(evaluation, Path) else list(evaluation)
    seeds = [read_arms(folder) for folder in folders]
    found = []
    for a, b in pairs:
        for suite in suites or seeds[0].get(a, {}):
            if not all(suite in arms.get(arm, {}) for arms in seeds for arm in (a, b)):
                continue
            found.append(
                compare_over_seeds(
                    [arms[a][suite] for arms in seeds],
                    [arms[b][suite] for arms in seeds],
                    names=(a, b),
                    suite=suite,
                    draws=draws,
                    seed=seed,
                    clusters=read_clusters(folders[0], suite),
                )
            )
    return corrected(found)


def read_clusters(evaluation: Path, suite: str) -> dict[str, str]:
    """Return the cluster of each question of a suite that has one, as it was asked."""
    path = suite_file(evaluation, QUESTIONS, suite)
    rows = read_rows(path, Question) if path.exists() else ()
    return {row.id: row.cluster for row in rows if row.cluster is not None}


def read_arms(evaluation: Path) -> dict[str, dict[str, list[Prediction]]]:
    """Return all predictions of a run by arm, then by suite."""
    labels = sorted(path.name for path in evaluation.glob("*/") if path.name != QUESTIONS)
    arms = {label: read_arm(evaluation, label) for label in labels}
    return {label: suites for label, suites in arms.items() if suites}


def read_arm(evaluation: Path, label: str) -> dict[str, list[Prediction]]:
    """Return the predictions of one arm by suite."""
    files = sorted((evaluation / label).glob("*.jsonl"))
    return {rows[0].suite: rows for path in files if (rows := read_predictions(path))}
