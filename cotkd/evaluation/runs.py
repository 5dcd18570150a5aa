"""Compares finished runs: `cotkd compare RUN RUN …`.

Every run is compared with the first one, suite by suite, on the same questions, with the same tests
as the arms within a run. Questions are the same when id, text and gold answer are: runs that asked
different ones are refused, or on demand compared on those that they share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from cotkd.errors import DataError
from cotkd.evaluation.compare import DRAWS, compare_predictions, read_arm
from cotkd.evaluation.pool import pool_comparisons
from cotkd.evaluation.results import Comparison, Results, SuiteScore
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
    processed_tokens: int | None = None
    teacher_tokens: int
    seconds: float


class RunComparison(Row):
    """Several runs side by side; each comparison is of a later run (`a`) with the first (`b`)."""

    arm: str
    runs: tuple[RunSummary, ...]
    suites: tuple[str, ...]
    comparisons: tuple[Comparison, ...]
    notes: tuple[str, ...] = ()
    """What a reader must know, e.g. that only shared questions were compared."""


class _Run(NamedTuple):
    name: str
    results: Results
    predictions: dict[int, dict[str, list[Prediction]]]
    asked: dict[int, dict[str, Asked]]


def compare_runs(
    *runs: str | Path,
    arm: str = "student",
    allow_different: bool = False,
    draws: int = DRAWS,
    seed: int = 0,
) -> RunComparison:
    """Compare each run with the first: `compare_runs("runs/a", "runs/b")`.

    Args:
        runs: Two or more run directories.
        arm: Whose answers are compared: student, baseline or teacher.
        allow_different: Compare runs that asked different questions on those that they share.
        draws: Bootstrap resamples.
        seed: Seed of the resampling.

    Raises:
        DataError: fewer than two runs, a run without answers of the arm, different questions, or
            different seeds of runs that have several.
    """
    if len(runs) < 2:
        raise DataError(f"comparing needs two or more run directories, got {len(runs)}")
    read = [
        _read(Path(path), name, arm)
        for path, name in zip(runs, _names([Path(path) for path in runs]), strict=True)
    ]
    first, notes, comparisons = read[0], [], []
    for other in read[1:]:
        _check_seeds(first, other)
        shared = [suite for suite in _suites(first) if suite in _suites(other)]
        if not shared:
            raise DataError(f"runs {first.name} and {other.name} have no suite in common")
        for suite in shared:
            per_seed, note = _compare(other, first, suite, allow_different, draws, seed)
            if note:
                notes.append(note)
            comparisons.append(per_seed[0] if len(per_seed) == 1 else pool_comparisons(per_seed))
    return RunComparison(
        arm=arm,
        runs=tuple(_summary(run, arm) for run in read),
        suites=tuple(dict.fromkeys(suite for run in read for suite in _suites(run))),
        comparisons=tuple(comparisons),
        notes=tuple(notes),
    )


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
    asked = {
        s: {suite: _asked(folders[s] / "evaluation", suite, rows) for suite, rows in by.items()}
        for s, by in predictions.items()
    }
    return _Run(name, results, predictions, asked)


def _asked(evaluation: Path, suite: str, rows: Sequence[Prediction]) -> Asked:
    """Return what was asked; of a run without question files, ids and gold answers."""
    path = suite_file(evaluation, QUESTIONS, suite)
    if not path.exists():
        return {row.question_id: ("", row.verdict.expected or "") for row in rows}
    return {row.id: (row.text, row.answer) for row in read_rows(path, Question)}


def _suites(run: _Run) -> list[str]:
    """Return the suites that every seed answered, in the order in which they were run."""
    answered: list[Mapping[str, object]] = list(run.predictions.values())
    known = [suite for by_suite in run.results.scores.values() for suite in by_suite]
    every = dict.fromkeys([*known, *answered[0]])
    return [suite for suite in every if all(suite in by for by in answered)]


def _check_seeds(first: _Run, other: _Run) -> None:
    mine, theirs = sorted(first.predictions), sorted(other.predictions)
    if max(len(mine), len(theirs)) > 1 and mine != theirs:
        raise DataError(
            f"runs {first.name} and {other.name} have different seeds ({mine} and {theirs}): "
            "repeat them with the same --seeds"
        )


def _compare(
    a: _Run, b: _Run, suite: str, allow_different: bool, draws: int, seed: int
) -> tuple[list[Comparison], str]:
    """Return the comparison of each seed, and a note where not all questions were compared."""
    rows, note = [], ""
    for mine, theirs in zip(sorted(a.predictions), sorted(b.predictions), strict=True):
        left, right = a.asked[mine][suite], b.asked[theirs][suite]
        shared = {name for name, question in left.items() if right.get(name) == question}
        if len(shared) < max(len(left), len(right)):
            if not allow_different or not shared:
                raise DataError(
                    f"runs {a.name} and {b.name} asked different questions of {suite!r} "
                    f"({len(left)} and {len(right)}, {len(shared)} the same): evaluate both on the "
                    "same ones, or pass --allow-different-questions to compare those they share"
                )
            note = f"{a.name} − {b.name} on {suite}: only the {len(shared)} shared questions"
        answers = [
            [row for row in run.predictions[s][suite] if row.question_id in shared]
            for run, s in ((a, mine), (b, theirs))
        ]
        rows.append(
            compare_predictions(
                *answers, names=(a.name, b.name), suite=suite, draws=draws, seed=seed
            )
        )
    return rows, note


def _summary(run: _Run, arm: str) -> RunSummary:
    results = run.results
    trained = results.training.get(arm)
    return RunSummary(
        name=run.name,
        recipe=results.recipe,
        method=results.method,
        seeds=results.seeds or (results.seed,),
        scores=results.scores.get(arm, {}),
        processed_tokens=None if trained is None else trained.processed_tokens,
        teacher_tokens=results.tokens.prompt + results.tokens.completion,
        seconds=sum(results.seconds.values()),
    )
