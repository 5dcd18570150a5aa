"""Accuracy of parts of a suite: per number of steps, per operation, per perturbation.

    breakdown(predictions, questions)
    {"steps": {"2": …, "3": …}, "operation": {"+": …, "*": …}, "perturbation": {"distraction": …}}

Parts come from the questions' tags (`cotkd.questions.tags`). A question counts once under each
operation that its solution computes, so the operations overlap; all other parts are disjoint.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cotkd.evaluation.results import Proportion
from cotkd.evaluation.statistics import proportion
from cotkd.questions.tags import tags_of
from cotkd.types import Prediction, Question

MOST = 40
"""Values of a tag above which it names questions rather than groups of them."""


def breakdown(
    predictions: Sequence[Prediction], questions: Sequence[Question]
) -> dict[str, dict[str, Proportion]]:
    """Return the accuracy on the questions with each value of each tag, by tag and value.

    Values come in numerical order where they are numbers. A tag with one value, or with more than
    `MOST`, is left out, as are questions without it.
    """
    right = {row.question_id: row.verdict.status == "correct" for row in predictions}
    found: dict[str, dict[str, list[bool]]] = {}
    for question in questions:
        for name, value in _parts(question):
            found.setdefault(name, {}).setdefault(value, []).append(right[question.id])
    return {
        name: {
            value: proportion(sum(values[value]), len(values[value]))
            for value in sorted(values, key=_order)
        }
        for name, values in found.items()
        if 1 < len(values) <= MOST
    }


def _parts(question: Question) -> Iterator[tuple[str, str]]:
    for name, value in tags_of(question).items():
        if name == "operations":
            yield from (("operation", sign) for sign in value)
        else:
            yield name, value


def _order(value: str) -> tuple[float, str]:
    return (float(value) if value.isdecimal() else float("inf"), value)
