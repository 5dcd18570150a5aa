"""Asking every head the questions of suites, and scoring what it says.

measure_heads(student, method, {name: suite}, 256)
-> {"student": {"microgsm": …}, "student:explain": {…}}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cotkd.asking.prompting import Prompting
from cotkd.evaluation.lm_eval_scores import SETS, parity
from cotkd.evaluation.results import SuiteScore
from cotkd.evaluation.run import Metric, evaluate
from cotkd.measuring.answers import Answerer, student_replies
from cotkd.measuring.suites import Suite
from cotkd.methods.base import Method
from cotkd.types import Question, Verdict
from cotkd.verify import Verifier

if TYPE_CHECKING:
    from cotkd.measuring.probes import Prober
    from cotkd.students.student import Student


def measure_head(
    student: Student,
    prompting: Prompting,
    suites: Mapping[str, Suite],
    max_tokens: int,
    *,
    out: Path | None = None,
    label: str = "student",
) -> dict[str, SuiteScore]:
    """Score a student on suites, asked in one way.

    A suite with a question that cannot be asked so is left out.
    """
    return measure(
        student_replies(student, prompting, max_tokens),
        {
            name: suite
            for name, suite in suites.items()
            if all(map(prompting.asks, suite.questions))
        },
        out=out,
        label=label,
        read=prompting.answer_part,
        metrics=prompting.metrics,
    )


def measure_heads(
    student: Student,
    method: Method,
    suites: Mapping[str, Suite],
    max_tokens: int,
    *,
    out: Path | None = None,
    label: str = "student",
    probe: Prober | None = None,
) -> dict[str, dict[str, SuiteScore]]:
    """Score every head of a student: the main one as `student`, others as `student:explain`.

    A head that can be asked none of the suites is left out. `probe` returns further fields of the
    main head's scores.
    """
    scores = {
        name: measure_head(student, method.heads[head], suites, max_tokens, out=out, label=name)
        for head, name in labels_of(method, label).items()
    }
    if probe is not None:
        asked = {name: suites[name] for name in scores[label]}
        found = probe(student, method, asked, max_tokens=max_tokens, out=out, label=label)
        for name, fields in found.items():
            scores[label][name] = scores[label][name].model_copy(update=fields)
    return {name: found for name, found in scores.items() if found}


def labels_of(method: Method, label: str) -> dict[str, str]:
    """Return what each head's scores are called: `student`, and `student:explain` and the like."""
    heads = enumerate(method.heads)
    return {head: f"{label}:{head}" if number else label for number, head in heads}


def oracles_of(method: Method, label: str) -> list[str]:
    """Return what the scores of heads are called that are told something gold."""
    labels = labels_of(method, label)
    return [labels[name] for name, prompting in method.heads.items() if prompting.oracle]


def measure(
    answer: Answerer,
    suites: Mapping[str, Suite],
    *,
    out: Path | None = None,
    label: str = "student",
    read: Callable[[str], str] = str,
    metrics: Callable[[Sequence[Question]], Mapping[str, Metric]] | None = None,
) -> dict[str, SuiteScore]:
    """Answer every suite and score the answers.

    Args:
        answer: Returns one text per question.
        suites: What is asked, with the verifier of each.
        out: The run's `evaluation/`; a suite that is there already is not asked again.
        label: Who answers.
        read: Returns the part of a text in which the final answer is looked for.
        metrics: Returns further figures by name, for the questions of a suite.
    """
    scores: dict[str, SuiteScore] = {}
    for name, suite in suites.items():

        def judge(text: str, question: Question, verifier: Verifier = suite.verifier) -> Verdict:
            return verifier.verify_question(read(text), question)

        scores |= evaluate(
            answer,
            {name: suite.questions},
            verify=judge,
            out=out,
            label=label,
            metrics=_further(suite, metrics),
        )
    return scores


def _further(
    suite: Suite, metrics: Callable[[Sequence[Question]], Mapping[str, Metric]] | None
) -> dict[str, Metric]:
    """Return further figures of a suite; of GSM8K those that lm-evaluation-harness reports too."""
    questions = suite.questions
    found = dict(metrics(questions)) if metrics else {}
    if questions and questions[0].source in SETS:
        found |= parity(questions)
    return found
