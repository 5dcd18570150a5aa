"""Questions that occur more than once in what is read.

repeated(questions)
"2 of 6 questions repeat another one, word for word; the first: set-00004 is set-00001"
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cotkd.types import Question


def repeated(questions: Sequence[Question]) -> str | None:
    """Return a line on questions that occur more than once; None where none does."""
    if len({question.text for question in questions}) == len(questions):
        return None
    first: dict[Any, Question] = {}
    again: list[tuple[Question, Question]] = []
    for question in questions:
        key = question.text if question.choices is None else (question.text, question.choices)
        before = first.setdefault(key, question)
        if before is not question:
            again.append((before, question))
    if not again:  # of one text, with other options
        return None
    before, question = again[0]
    other = sum(one.answer != two.answer for one, two in again)
    differ = f", {other} of them with another gold answer" if other else ""
    return (
        f"{len(again)} of {len(questions)} questions repeat another one, word for word{differ}; "
        f"the first: {question.id} is {before.id}"
    )
