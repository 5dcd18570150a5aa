"""Scores a model on suites and keeps every answer, so that any number can be traced to its text.

    evaluation/questions/SUITE.jsonl   the questions as they were asked
    evaluation/LABEL/SUITE.jsonl       one `Prediction` per question, in the same order:

    {"question_id": "microgsm-test-00003", "sample_index": 0, "text": "... --> 12",
     "suite": "microgsm", "verdict": {"status": "correct", "extracted": "12", "expected": "12",
                                      "reason": "marker -->"},
     "tokens": 41, "finish_reason": "stop"}

The evaluator is handed callables: it knows neither models nor methods.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Literal, NamedTuple

from cotkd.errors import DataError
from cotkd.evaluation.breakdown import breakdown
from cotkd.evaluation.results import SuiteScore
from cotkd.evaluation.statistics import clustered_proportion
from cotkd.store.rows import read_rows, write_rows
from cotkd.types import Prediction, Question, Verdict


class Answer(NamedTuple):
    """A text, and what it took to write it, where that is known."""

    text: str
    tokens: int | None = None
    finish_reason: Literal["stop", "length", "error"] | None = None
    logprob: float | None = None
    trace: tuple[str, ...] | None = None


Answerer = Callable[[Sequence[Question]], Sequence[str | Answer]]
Judge = Callable[[str, Question], Verdict]
Metric = Callable[[Sequence[Prediction]], float]

log = logging.getLogger(__name__)

QUESTIONS = "questions"
"""The folder beside the labels that holds what was asked."""


def evaluate(
    answer: Answerer,
    suites: Mapping[str, Sequence[Question]],
    *,
    verify: Judge,
    out: Path | None = None,
    label: str = "student",
    metrics: Mapping[str, Metric] | None = None,
) -> dict[str, SuiteScore]:
    """Return the score of `answer` on each suite.

    Args:
        answer: Returns one text, or one `Answer`, per question, in order.
        suites: Questions by suite id.
        verify: Compares a text with its question's gold answer.
        out: The run's `evaluation/` folder. A suite whose file is there is read, not asked again.
        label: Who answers: student, baseline, teacher.
        metrics: Further figures by name, computed from the predictions of a suite.

    Raises:
        DataError: a suite is empty or holds an id twice, or the file that is there answers other
            questions.
    """
    if label == QUESTIONS:
        raise DataError(f"{label!r} is the folder of the questions: choose another label")
    scores = {}
    for suite, questions in suites.items():
        _check(suite, questions)
        rows = None if out is None else _finished(out, label, suite, questions)
        if rows is None:
            rows = _ask(answer, suite, questions, verify)
            _warn_of_silence(label, suite, rows)
            if out is not None:
                write_rows(suite_file(out, QUESTIONS, suite), questions)
                write_rows(suite_file(out, label, suite), rows)
        found = score(rows, questions)
        extra = {name: metric(rows) for name, metric in (metrics or {}).items()}
        update = {"metrics": found.metrics | extra, "by": breakdown(rows, questions)}
        scores[suite] = found.model_copy(update=update)
    return scores


def score(predictions: Sequence[Prediction], questions: Iterable[Question] = ()) -> SuiteScore:
    """Return how many predictions are right, with unparsed ones counted apart from wrong ones.

    Questions of one cluster (a template, a seed question) are resampled together.
    """
    statuses = [prediction.verdict.status for prediction in predictions]
    clusters = {question.id: question.cluster or question.id for question in questions}
    share = clustered_proportion(
        [status == "correct" for status in statuses],
        [clusters.get(row.question_id, row.question_id) for row in predictions],
    )
    ends = [row.finish_reason for row in predictions]
    tokens = [row.tokens for row in predictions if row.tokens is not None]
    counted = len(tokens) == len(predictions)
    return SuiteScore(
        **dict(share),
        unparsed=statuses.count("unparsed"),
        truncated=None if None in ends else ends.count("length"),
        metrics={"tokens_per_answer": fmean(tokens)} if counted else {},
    )


def suite_file(out: Path, label: str, suite: str) -> Path:
    """Return where the rows of a suite lie; ids that are paths or slices become plain names."""
    return out / label / (re.sub(r"[^\w.-]+", "_", suite).strip("_") + ".jsonl")


def read_predictions(path: Path) -> list[Prediction]:
    """Return the predictions in a file; raises `DataError` for a question answered twice."""
    rows: dict[str, Prediction] = {}
    for row in read_rows(path, Prediction):
        if row.question_id in rows:
            raise DataError(f"{path}: two predictions for question {row.question_id!r}")
        rows[row.question_id] = row
    return list(rows.values())


def _check(suite: str, questions: Sequence[Question]) -> None:
    if not questions:
        raise DataError(f"suite {suite!r} has no questions")
    seen: set[str] = set()
    for question in questions:
        if question.id in seen:
            raise DataError(f"suite {suite!r} holds question {question.id!r} twice")
        seen.add(question.id)


def _ask(
    answer: Answerer, suite: str, questions: Sequence[Question], verify: Judge
) -> list[Prediction]:
    answers = answer(questions)
    assert len(answers) == len(questions), f"{len(answers)} answers to {len(questions)} questions"
    return [
        prediction(question, given, suite, verify)
        for question, given in zip(questions, answers, strict=True)
    ]


def prediction(
    question: Question, given: str | Answer, suite: str, verify: Judge, *, sample_index: int = 0
) -> Prediction:
    """Return an answer as a row, with its verdict."""
    answer = given if isinstance(given, Answer) else Answer(given)
    return Prediction(
        question_id=question.id,
        sample_index=sample_index,
        verdict=verify(answer.text, question),
        suite=suite,
        **answer._asdict(),
    )


def _finished(
    out: Path, label: str, suite: str, questions: Sequence[Question]
) -> list[Prediction] | None:
    path, asked = suite_file(out, label, suite), suite_file(out, QUESTIONS, suite)
    if asked.exists() and list(read_rows(asked, Question)) != list(questions):
        raise DataError(
            f"{asked} holds other questions than suite {suite!r} has now: "
            f"delete {out} to evaluate anew"
        )
    if not path.exists():
        return None
    rows = read_predictions(path)
    if [row.question_id for row in rows] != [question.id for question in questions]:
        fault = _fault(rows, questions)
        raise DataError(f"{path} does not answer the questions of {suite!r}: {fault}: delete it")
    return rows


def _fault(rows: Sequence[Prediction], questions: Sequence[Question]) -> str:
    """Return how predictions differ from what was asked."""
    asked = {question.id for question in questions}
    answered = {row.question_id for row in rows}
    for row in rows:
        if row.question_id not in asked:
            return f"prediction for the unknown question {row.question_id!r}"
    missing = next((question.id for question in questions if question.id not in answered), None)
    return "another order" if missing is None else f"no prediction for {missing!r}"


def _warn_of_silence(label: str, suite: str, rows: Sequence[Prediction]) -> None:
    if not any(row.text.strip() for row in rows):
        log.warning(
            "%s: all %d answers to %s are empty: is it the model that was trained with this "
            "method, and does it not end at once?",
            label,
            len(rows),
            suite,
        )
