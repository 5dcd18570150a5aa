r"""How well a question was broken up, and where a wrong answer went wrong.

    figures = decomposition_metrics(questions)
    evaluate(answer, {"microgsm": questions}, verify=judge, metrics=figures)

    same_number         answers with as many sub-questions as the gold solution
    bleu, rouge_l       of the sub-questions with the gold ones, a question's joined
    accuracy_2_steps    share of right answers, of the questions whose gold solution has two steps
    questions_2_steps   how many these are
    wrong_arithmetic    wrong answers with a step that does not compute
    wrong_decomposition of the others, those with another number of sub-questions than gold
    wrong_otherwise     the rest: a right number of steps that compute, but not to the answer

An answer is a dialogue as text, a sub-question and its step on each line. Accuracies and what is
wrong are shares of the questions that have gold sub-questions. A student that is told these has no
figures of its decomposition.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Container, Mapping, Sequence

from cotkd.errors import MissingDependency
from cotkd.evaluation.overlap import bleu, rouge_l
from cotkd.evaluation.run import Metric
from cotkd.questions.solution import SUBQUESTION_MARKER
from cotkd.questions.subquestions import Pairs
from cotkd.types import Prediction, Question
from cotkd.verify.steps import verify_steps

log = logging.getLogger(__name__)

WRONG = ("arithmetic", "decomposition", "otherwise")


def decomposition_metrics(
    questions: Sequence[Question], *, told: bool = False
) -> dict[str, Metric]:
    """Return the figures of these questions by name; none where they have no sub-questions.

    Args:
        questions: What is asked.
        told: Whether the student is told the gold sub-questions.
    """
    gold = {question.id: question.steps for question in questions if question.steps}
    if not gold:
        return {}
    figures = {} if told else _alike(gold)
    for steps in sorted({len(pairs) for pairs in gold.values()}):
        ids = frozenset(key for key, pairs in gold.items() if len(pairs) == steps)
        figures[f"accuracy_{steps}_steps"] = _accuracy(ids)
        figures[f"questions_{steps}_steps"] = _count(ids)
    return figures | {f"wrong_{kind}": _wrong(gold, kind) for kind in WRONG}


def _alike(gold: Mapping[str, Pairs]) -> dict[str, Metric]:
    """Return what compares sub-questions with gold ones; without its packages the number alone."""

    def same_number(rows: Sequence[Prediction]) -> float:
        own = _of(rows, gold)
        return _share([len(asked(row.text)) == len(gold[row.question_id]) for row in own])

    def compared(by: Callable[[list[str], list[str]], float]) -> Metric:
        def metric(rows: Sequence[Prediction]) -> float:
            own = _of(rows, gold)
            written = [" ".join(asked(row.text)) for row in own]
            wanted = [" ".join(q.strip() for q, _ in gold[row.question_id]) for row in own]
            return by(written, wanted)

        return metric

    try:
        for measure in (bleu, rouge_l):
            measure(["one"], ["one"])
    except MissingDependency as missing:
        log.warning("sub-questions are not compared with gold ones: %s", missing)
        return {"same_number": same_number}
    return {"same_number": same_number, "bleu": compared(bleu), "rouge_l": compared(rouge_l)}


def _accuracy(ids: Container[str]) -> Metric:
    return lambda rows: _share([row.verdict.status == "correct" for row in _of(rows, ids)])


def _count(ids: Container[str]) -> Metric:
    return lambda rows: float(len(_of(rows, ids)))


def _wrong(gold: Mapping[str, Pairs], kind: str) -> Metric:
    return lambda rows: _share(
        [attribution(row, len(gold[row.question_id])) == kind for row in _of(rows, gold)]
    )


def _of(rows: Sequence[Prediction], ids: Container[str]) -> list[Prediction]:
    return [row for row in rows if row.question_id in ids]


def asked(text: str) -> list[str]:
    """Return the sub-questions in a dialogue."""
    lines = (line.partition(SUBQUESTION_MARKER.rstrip()) for line in text.split("\n"))
    return [question.strip() for question, marker, _ in lines if marker]


def attribution(row: Prediction, steps: int) -> str | None:
    """Return where an answer went wrong, one of `WRONG`; None for a right one."""
    if row.verdict.status == "correct":
        return None
    if any(check.status == "wrong" for check in verify_steps(row.text)):
        return "arithmetic"
    return "otherwise" if len(asked(row.text)) == steps else "decomposition"


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0
