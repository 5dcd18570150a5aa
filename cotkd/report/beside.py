"""Puts the student of another run beside those of a run: `cotkd report RUN --with OTHER`.

    beside(load_run("runs/a"), Path("runs/b"))

The other student becomes an arm named after its directory, on the suites that both were asked. Only
questions that were the same are taken: those with the same id must have the same text and answer.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cotkd.errors import DataError
from cotkd.evaluation.compare import compare_predictions, corrected
from cotkd.evaluation.results import Comparison
from cotkd.report.load import load_run
from cotkd.report.missing import score_parts
from cotkd.report.run import Run
from cotkd.types import Prediction, Question


def beside(run: Run, path: Path) -> Run:
    """Return `run` with the student of the run directory `path` as a further arm.

    Raises:
        DataError: one of the two has no student's answers, is pooled over seeds, or they share no
            question; or a question with one id is another one in the two.
    """
    other = load_run(path)
    for each in (run, other):
        if each.results.seeds:
            raise DataError(
                f"{each.path} is pooled over seeds: give the directory of one of them, "
                f"such as {each.path / f'seed-{each.results.seeds[0]}'}"
            )
        if "student" not in each.predictions:
            raise DataError(f"{each.path} holds no answers of a student in evaluation/student")
    name = _name(run, path)
    answered = {}
    for suite, rows in other.predictions["student"].items():
        shared = _shared(run, other, suite)
        if found := [row for row in rows if row.question_id in shared]:
            answered[suite] = found
    if not answered:
        raise DataError(
            f"{run.path} and {path} share no question of any suite ({', '.join(run.suites)} and "
            f"{', '.join(other.suites)}): evaluate one student on the suites of the other"
        )
    return _with_arm(run, other, name, answered)


def _with_arm(run: Run, other: Run, name: str, answered: dict[str, list[Prediction]]) -> Run:
    order = [suite for suite in run.predictions["student"] if suite in answered]
    rows = {suite: answered[suite] for suite in order}
    scores = {suite: score_parts(rows[suite], run.suites.get(suite, {})) for suite in order}
    results = run.results.model_copy(
        update={
            "scores": {**run.results.scores, name: scores},
            "comparisons": run.results.comparisons + _compared(run, name, rows),
        }
    )
    method = other.results.method or "student"
    model = other.results.models.get("student")
    label = f"{method}, {model.name}" if model else method
    return replace(
        run,
        results=results,
        predictions={**run.predictions, name: rows},
        members={**run.members, name: other.members.get("student", ())},
        labels={**run.labels, name: label},
    )


def _name(run: Run, path: Path) -> str:
    name = path.resolve().name
    return name if name not in run.predictions else f"{path.resolve().parent.name}/{name}"


def _shared(run: Run, other: Run, suite: str) -> set[str]:
    """Return the questions of a suite that both students answered."""
    mine = {row.question_id for row in run.predictions["student"].get(suite, ())}
    shared = mine & {row.question_id for row in other.predictions["student"][suite]}
    for number in sorted(shared):
        one, two = (each.suites.get(suite, {}).get(number) for each in (run, other))
        if one is not None and two is not None and _asked(one) != _asked(two):
            raise DataError(
                f"question {number!r} of {suite!r} is another one in {other.path} than in "
                f"{run.path}: the two were not asked the same"
            )
    return shared


def _asked(question: Question) -> tuple[str, str]:
    return question.text, question.answer


def _compared(run: Run, name: str, rows: dict[str, list[Prediction]]) -> tuple[Comparison, ...]:
    clusters = {
        suite: {q.id: q.cluster for q in questions.values() if q.cluster is not None}
        for suite, questions in run.suites.items()
    }
    return corrected(
        [
            compare_predictions(
                run.predictions["student"][suite],
                found,
                names=("student", name),
                suite=suite,
                clusters=clusters.get(suite) or None,
            )
            for suite, found in rows.items()
        ]
    )
