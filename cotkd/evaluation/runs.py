"""Compares finished runs: `cotkd compare RUN RUN …`.

Every run is compared with the first one, suite by suite, on the same questions, with the same tests
as the arms within a run. Questions are the same when id, text and gold answer are: runs that asked
different ones are refused, or on demand compared on those that they share. Runs may have different
numbers of seeds: see `cotkd.evaluation.seeds`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from cotkd.errors import DataError
from cotkd.evaluation.compare import DRAWS, compare_over_seeds, corrected, read_arm, read_clusters
from cotkd.evaluation.results import Comparison, Estimate, Interval, Results, SuiteScore
from cotkd.evaluation.run import QUESTIONS, suite_file
from cotkd.store.rows import read_rows
from cotkd.types import Prediction, Question, Row

Asked = dict[str, tuple[str, str]]
"""Text and gold answer by question id."""


class RunSummary(Row):
    """One run as a row of the table; `scores` are those of the compared arm."""

    name: str
    recipe: str
    method: str
    seeds: tuple[int, ...]
    scores: dict[str, SuiteScore]
    parameters: int | None = None
    processed_tokens: int | None = None
    """Tokens that one student was trained on."""
    answer_tokens: float | None = None
    """Tokens per answer, mean over the suites of the table; None where they were not counted."""
    mean: Estimate | None = None
    """Mean accuracy over the suites that all runs answered; its interval takes the suites for
    independent of each other and for given, not for a sample of suites."""
    teacher_tokens: int | None = None
    """None of a run that has no teacher, as of a student that was only evaluated."""
    seconds: float | None = None
    """None where no stage was timed."""


class RunComparison(Row):
    """Several runs side by side; each comparison is of a later run (`a`) with the first (`b`)."""

    arm: str
    runs: tuple[RunSummary, ...]
    suites: tuple[str, ...]
    """Those that all runs answered, then the others."""
    common: int
    """How many of `suites`, from the first, all runs answered."""
    comparisons: tuple[Comparison, ...]
    notes: tuple[str, ...] = ()
    """What a reader must know, e.g. that only shared questions were compared."""


class _Run(NamedTuple):
    name: str
    results: Results
    predictions: dict[int, dict[str, list[Prediction]]]
    asked: dict[str, Asked]
    """By suite: the questions that all seeds were asked alike."""
    most: dict[str, int]
    """By suite: the questions that a seed was asked, at most."""
    clusters: dict[str, dict[str, str]]


def compare_runs(
    *runs: str | Path,
    arm: str = "student",
    suites: Sequence[str] | None = None,
    allow_different: bool = False,
    draws: int = DRAWS,
    seed: int = 0,
) -> RunComparison:
    """Compare each run with the first: `compare_runs("runs/a", "runs/b")`.

    Args:
        runs: Two or more run directories.
        arm: Whose answers are compared: student, baseline or teacher.
        suites: Which suites, in this order; None takes all.
        allow_different: Compare runs that asked different questions on those that they share.
        draws: Bootstrap resamples.
        seed: Seed of the resampling.

    Raises:
        DataError: fewer than two runs, a run without answers of the arm, or different questions.
    """
    if len(runs) < 2:
        raise DataError(f"comparing needs two or more run directories, got {len(runs)}")
    read = [
        _read(Path(path), name, arm)
        for path, name in zip(runs, _names([Path(path) for path in runs]), strict=True)
    ]
    chosen = _chosen(read, suites)
    first, notes, comparisons = read[0], [], []
    for other in read[1:]:
        shared = [suite for suite in chosen if suite in _suites(first) and suite in _suites(other)]
        if not shared:
            raise DataError(f"runs {first.name} and {other.name} have no suite in common")
        for suite in shared:
            ids = _shared(other, first, suite, allow_different)
            if len(ids) < max(first.most[suite], other.most[suite]):
                only = f"only the {len(ids)} shared questions"
                notes.append(f"{other.name} − {first.name} on {suite}: {only}")
            comparisons.append(_compare(other, first, suite, ids, draws, seed))
    common = [suite for suite in chosen if all(suite in _suites(run) for run in read)]
    return RunComparison(
        arm=arm,
        runs=tuple(_summary(run, arm, common) for run in read),
        suites=tuple(dict.fromkeys([*common, *chosen])),
        common=len(common),
        comparisons=corrected(comparisons),
        notes=(*notes, *_seed_notes(read)),
    )


def _chosen(runs: Sequence[_Run], suites: Sequence[str] | None) -> list[str]:
    """Return the suites of the table, those of any run unless some are asked for."""
    known = list(dict.fromkeys(suite for run in runs for suite in _suites(run)))
    for suite in suites or ():
        if suite not in known:
            raise DataError(f"no run answered suite {suite!r}: known are {', '.join(known)}")
    return list(suites or known)


def _seed_notes(runs: Sequence[_Run]) -> list[str]:
    counts = {len(run.predictions) for run in runs}
    if counts == {1}:
        return ["one seed each: differences are of these students, not of their methods"]
    if len(counts) == 1:
        return []
    each = ", ".join(f"{run.name} {len(run.predictions)}" for run in runs)
    return [f"different numbers of seeds ({each}): their spread is taken to be the same"]


def _names(paths: Sequence[Path]) -> list[str]:
    """Return the shortest ends of the paths that tell them apart."""
    parts = [path.resolve().parts for path in paths]
    if len(set(parts)) < len(parts):
        raise DataError("a run cannot be compared with itself: each directory once")
    longest = max(map(len, parts))
    for length in range(1, longest + 1):
        names = ["/".join(part[-length:]) for part in parts]
        if len(set(names)) == len(names):
            return names
    raise AssertionError("different paths differ in full")


def _read(path: Path, name: str, arm: str) -> _Run:
    results = Results.read(path)
    folders = {results.seed: path}
    if results.seeds:
        folders = {seed: path / f"seed-{seed}" for seed in results.seeds}
    predictions = {s: read_arm(folder / "evaluation", arm) for s, folder in folders.items()}
    for seed, suites in predictions.items():
        if not suites:
            raise DataError(f"{folders[seed]} holds no answers of the {arm}: evaluate it first")
    found = _Run(name, results, predictions, {}, {}, {})
    for suite in _suites(found):
        each = [_asked(folders[s], suite, by[suite]) for s, by in predictions.items()]
        same = set.intersection(*(set(asked.items()) for asked in each))
        found.asked[suite] = {one: what for one, what in each[0].items() if (one, what) in same}
        found.most[suite] = max(map(len, each))
        found.clusters[suite] = read_clusters(next(iter(folders.values())) / "evaluation", suite)
    return found


def _asked(folder: Path, suite: str, rows: Sequence[Prediction]) -> Asked:
    """Return what was asked and answered; of a run without question files, ids and gold answers."""
    path = suite_file(folder / "evaluation", QUESTIONS, suite)
    if not path.exists():
        return {row.question_id: ("", row.verdict.expected or "") for row in rows}
    asked = {row.id: (row.text, row.answer) for row in read_rows(path, Question)}
    for row in rows:
        if row.question_id not in asked:
            raise DataError(
                f"{folder}: an answer to question {row.question_id!r} of {suite!r}, which "
                f"{path} does not hold: evaluate it again"
            )
    return {row.question_id: asked[row.question_id] for row in rows}


def _suites(run: _Run) -> list[str]:
    """Return the suites that every seed answered, in the order in which they were run."""
    answered: list[Mapping[str, object]] = list(run.predictions.values())
    known = [suite for by_suite in run.results.scores.values() for suite in by_suite]
    every = dict.fromkeys([*known, *answered[0]])
    return [suite for suite in every if all(suite in by for by in answered)]


def _shared(a: _Run, b: _Run, suite: str, allow_different: bool) -> list[str]:
    """Return the questions that all seeds of both runs were asked alike, in the order of `b`."""
    left, right = a.asked[suite], b.asked[suite]
    shared = [one for one, question in right.items() if left.get(one) == question]
    most = max(a.most[suite], b.most[suite])
    if len(shared) < most and not (allow_different and shared):
        raise DataError(
            f"runs {a.name} and {b.name} asked different questions of {suite!r} "
            f"({a.most[suite]} and {b.most[suite]}, {len(shared)} the same): evaluate both on the "
            "same ones, or pass --allow-different-questions to compare those they share"
        )
    return shared


def _compare(a: _Run, b: _Run, suite: str, ids: Sequence[str], draws: int, seed: int) -> Comparison:
    wanted = set(ids)
    left, right = (
        [
            [row for row in run.predictions[s][suite] if row.question_id in wanted]
            for s in sorted(run.predictions)
        ]
        for run in (a, b)
    )
    return compare_over_seeds(
        left,
        right,
        names=(a.name, b.name),
        suite=suite,
        draws=draws,
        seed=seed,
        clusters=b.clusters[suite],
        same_seeds=sorted(a.predictions) == sorted(b.predictions),
    )


def _summary(run: _Run, arm: str, common: Sequence[str]) -> RunSummary:
    results = run.results
    trained = results.training.get(arm)
    model = results.models.get("teacher" if arm == "teacher" else "student")
    scores = results.scores.get(arm, {})
    counted = [score.metrics.get("tokens_per_answer") for score in map(scores.get, common) if score]
    tokens = [one for one in counted if one is not None]
    scored = [scores[suite] for suite in common if suite in scores]
    asked = results.tokens.prompt + results.tokens.completion
    return RunSummary(
        name=run.name,
        recipe=results.recipe,
        method=results.method,
        seeds=results.seeds or (results.seed,),
        scores=scores,
        parameters=None if model is None else model.parameters,
        processed_tokens=None if trained is None else trained.processed_tokens,
        answer_tokens=fmean(tokens) if tokens and len(tokens) == len(common) else None,
        mean=_mean(scored) if scored and len(scored) == len(common) else None,
        teacher_tokens=asked if asked or "teacher" in results.models else None,
        seconds=sum(results.seconds.values()) if results.seconds else None,
    )


def _mean(scores: Sequence[SuiteScore]) -> Estimate:
    """Return the mean of independent shares; distances to their ends add up by their squares."""
    value = fmean(score.accuracy for score in scores)
    below = math.hypot(*(score.accuracy - score.ci95[0] for score in scores)) / len(scores)
    above = math.hypot(*(score.ci95[1] - score.accuracy for score in scores)) / len(scores)
    interval = Interval(value - below, value + above)
    return Estimate(value=value, ci95=interval, n=sum(score.n for score in scores))
