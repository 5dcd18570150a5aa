"""A student's scores when lm-evaluation-harness asks the questions, on suites of ours.

    measure_by_harness(student, method, load_suites(["microgsm[:200]"]), 256, out=Path("scores"))

The harness sends the prompts and reads the model; our verifier judges its texts as it does ours,
and numeric suites carry `strict_match` and `flexible_extract`, the harness's own figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cotkd.errors import SettingError
from cotkd.evaluation.lm_eval import Harness
from cotkd.evaluation.lm_eval_scores import parity
from cotkd.evaluation.results import SuiteScore
from cotkd.evaluation.run import Answer
from cotkd.measuring.scores import measure
from cotkd.measuring.suites import Suite
from cotkd.methods.base import Method
from cotkd.types import Question

if TYPE_CHECKING:
    from cotkd.students.student import Student

FOLDER = "lm_eval"
"""Where tasks and the harness's results go, in the folder of the scores."""


def measure_by_harness(
    student: Student,
    method: Method,
    suites: Mapping[str, Suite],
    max_tokens: int,
    *,
    out: Path,
) -> dict[str, SuiteScore]:
    """Score the main head of a student on suites, asked by lm-evaluation-harness.

    Args:
        student: Who is asked.
        method: What it was trained with: decides its prompts and how its texts are read.
        suites: What is asked.
        max_tokens: Most tokens of an answer.
        out: The folder of the scores; a suite that is in its `evaluation/` is not asked again.

    Raises:
        MissingDependency: lm-eval is not installed.
        SettingError: It cannot ask as the method does, in more than one turn for instance.
    """
    reason = _cannot(student, method)
    if reason is not None:
        raise SettingError(
            f"lm-eval asks one model once, but {reason}: evaluate with --engine cotkd"
        )
    prompting = method.prompting
    harness = Harness(student, folder=out / FOLDER, max_tokens=max_tokens)
    scores: dict[str, SuiteScore] = {}
    for name, suite in suites.items():

        def answer(questions: Sequence[Question], name: str = name) -> list[Answer]:
            prompts = [prompting.prompt(question, student.architecture) for question in questions]
            return [Answer(text) for text in harness.answer(name, questions, prompts)]

        scores |= measure(
            answer,
            {name: suite},
            out=out / "evaluation",
            read=prompting.answer_part,
            metrics=parity if suite.verifier.kind == "numeric" else None,
        )
    return scores


def _cannot(student: Student, method: Method) -> str | None:
    """Return why the harness cannot ask a student as it was trained to be; None if it can."""
    if method.members or student.parts:
        return f"the students of {method.kind} are several models"
    if not method.prompting.single:
        return f"{method.kind} asks in several turns"
    anything = Question(id="any", text="any", answer="any")
    asked = method.prompting.turn(anything, (), student.architecture)
    if asked is not None and asked.opening:
        return f"{method.kind} begins the student's reply with {asked.opening!r}"
    return None
