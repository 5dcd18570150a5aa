"""All training examples of a run, and a count of the rationales that gave none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cotkd.errors import DataError
from cotkd.formats.base import Format
from cotkd.types import Architecture, Example, Question, Rationale


class Examples(NamedTuple):
    """Training examples in question order, and why rationales were left out."""

    rows: list[Example]
    rejected: dict[str, int]
    """Rationales per reason, e.g. `{"holds the delimiter": 2}`."""


def left_out(
    formats: Iterable[Format], rationales: Iterable[Rationale], examples: Iterable[Example]
) -> dict[str, int]:
    """Return how many rationales are in no example since no format can write them, per reason.

    Those that a method leaves out for reasons of its own are not among them.
    """
    formats = list(formats)
    used = {(row.question_id, row.stream, row.sample_index) for row in examples}
    found: Counter[str] = Counter()
    for rationale in rationales:
        if rationale.key not in used:
            reasons = (format.rejects(rationale) for format in formats)
            found.update([reason for reason in reasons if reason is not None][:1])
    return dict(found)


def build_examples(
    format: Format,
    questions: Iterable[Question],
    rationales: Iterable[Rationale],
    *,
    architecture: Architecture,
) -> Examples:
    """Return the examples of all questions; a question's rationales keep their order.

    Raises:
        DataError: a rationale's question is not among `questions`, or no example is left.
    """
    questions = list(questions)
    by_question: dict[str, list[Rationale]] = {question.id: [] for question in questions}
    for rationale in rationales:
        if rationale.question_id not in by_question:
            raise DataError(f"rationale of an unknown question {rationale.question_id!r}")
        by_question[rationale.question_id].append(rationale)
    rejected: Counter[str] = Counter()
    rows: list[Example] = []
    for question in questions:
        own: Sequence[Rationale] = by_question[question.id]
        rejected.update(reason for each in own if (reason := format.rejects(each)) is not None)
        rows += format.examples(question, own, architecture)
    if not rows:
        raise DataError(
            f"no training example is left of {len(questions)} questions "
            f"and {sum(map(len, by_question.values()))} rationales: loosen the filters"
        )
    return Examples(rows, dict(rejected))
