r"""How well a question was broken up, and where a wrong answer went wrong.

    figures = decomposition_metrics(questions)
    evaluate(answer, {"microgsm": questions}, verify=judge, metrics=figures)

    same_number         answers with as many sub-questions as the gold solution
    accuracy_2_steps    share of right answers, of the questions whose gold solution has two steps
    wrong_arithmetic    wrong answers with a step that does not compute
    wrong_decomposition of the others, those with another number of sub-questions than gold
    wrong_otherwise     the rest: a right number of steps that compute, but not to the answer

An answer is a dialogue as text, a sub-question and its step on each line. All but the accuracies
are shares of the questions that have gold sub-questions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cotkd.questions.solution import SUBQUESTION_MARKER
from cotkd.types import Prediction, Question
from cotkd.verify.steps import verify_steps

Metric = Callable[[Sequence[Prediction]], float]
WRONG = ("arithmetic", "decomposition", "otherwise")


def decomposition_metrics(questions: Sequence[Question]) -> dict[str, Metric]:
    """Return the figures of these questions by name; none where they have no sub-questions."""
    gold = {question.id: len(question.steps) for question in questions if question.steps}
    if not gold:
        return {}

    def share(holds: Callable[[Prediction], bool]) -> Metric:
        return lambda rows: _share([holds(row) for row in rows if row.question_id in gold])

    def at_depth(steps: int) -> Metric:
        return lambda rows: _share(
            [row.verdict.status == "correct" for row in rows if gold.get(row.question_id) == steps]
        )

    def wrong(kind: str) -> Metric:
        return share(lambda row: attribution(row, gold[row.question_id]) == kind)

    return {
        "same_number": share(lambda row: subquestions(row.text) == gold[row.question_id]),
        **{f"accuracy_{steps}_steps": at_depth(steps) for steps in sorted(set(gold.values()))},
        **{f"wrong_{kind}": wrong(kind) for kind in WRONG},
    }


def subquestions(text: str) -> int:
    """Return the number of sub-questions in a dialogue."""
    return sum(SUBQUESTION_MARKER.rstrip() in line for line in text.split("\n"))


def attribution(row: Prediction, steps: int) -> str | None:
    """Return where an answer went wrong, one of `WRONG`; None for a right one."""
    if row.verdict.status == "correct":
        return None
    if any(check.status == "wrong" for check in verify_steps(row.text)):
        return "arithmetic"
    return "otherwise" if subquestions(row.text) == steps else "decomposition"


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0
