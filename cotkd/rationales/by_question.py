"""Rationales by question: those to its answer, and those to another one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from cotkd.types import Question, Rationale


def by_question(
    questions: Mapping[str, Question], rationales: Iterable[Rationale]
) -> Iterator[tuple[Question, list[Rationale]]]:
    """Yield each question that has rationales, in question order, with its rationales in order.

    Rationales to a wrong answer are left out: only `counterfactuals` returns them.
    """
    rows = [row for row in rationales if not _to_another_answer(row, questions)]
    return _grouped(questions, rows)


def counterfactuals(
    questions: Mapping[str, Question], rationales: Iterable[Rationale]
) -> dict[str, list[Rationale]]:
    """Return the rationales that the teacher wrote for a wrong answer, by question id."""
    rows = [row for row in rationales if _to_another_answer(row, questions)]
    return {question.id: own for question, own in _grouped(questions, rows)}


def _grouped(
    questions: Mapping[str, Question], rationales: Iterable[Rationale]
) -> Iterator[tuple[Question, list[Rationale]]]:
    groups: dict[str, list[Rationale]] = {}
    for rationale in rationales:
        groups.setdefault(rationale.question_id, []).append(rationale)
    for question_id, question in questions.items():
        if question_id in groups:
            yield question, groups[question_id]


def _to_another_answer(row: Rationale, questions: Mapping[str, Question]) -> bool:
    question = questions.get(row.question_id)
    if row.condition is None or question is None:
        return False
    return row.condition.strip() != question.answer.strip()
