"""Worked examples in a prompt: drawn by a seed from solved questions, and never the query itself.

The same examples serve every question, so that results are comparable; where one of them *is* the
question, by id or by text, the next one in the order takes its place.
"""

from __future__ import annotations

import random
from functools import cached_property

from pydantic import Field

from cotkd.errors import SettingError
from cotkd.questions.load import load_questions
from cotkd.teachers.elicitation.base import Elicitation
from cotkd.teachers.elicitation.template import SolvedTemplate, fill
from cotkd.types import Question


class WithDemonstrations(Elicitation):
    """A way of asking that shows worked examples before the question."""

    shots: int = Field(4, ge=1)
    """Worked examples in the prompt."""
    source: str = "microgsm:train"
    """Set or file of solved questions that the examples are drawn from."""
    pool: tuple[Question, ...] = ()
    """Solved questions to draw from instead of `source`."""
    seed: int = 0
    """Draws the examples and their order."""
    demonstration: SolvedTemplate = "Q: {question}\nA: {rationale}\n#### {answer}"
    """A worked example."""
    separator: str = "\n\n"
    """Between examples, and before the question."""

    def after_demonstrations(self, question: Question, asked: str) -> str:
        """Return the prompt: the examples shown with `question`, then `asked`."""
        worked = [
            fill(
                self.demonstration,
                question=one.text,
                rationale=self.solution(one) or "",
                answer=one.answer,
            )
            for one in self.demonstrations(question)
        ]
        return self.separator.join([*worked, asked])

    def demonstrations(self, question: Question) -> list[Question]:
        """Return the examples shown with `question`, which is never one of them."""
        if not self.shots:
            return []
        asked = _words(question.text)
        others = (one for one in self._order if one.id != question.id and _words(one.text) != asked)
        chosen = [one for one, _ in zip(others, range(self.shots), strict=False)]
        if len(chosen) < self.shots:
            place = "`pool`" if self.pool else repr(self.source)
            raise SettingError(
                f"{self.kind}: {len(self._order)} solved questions in {place}, too few for "
                f"{self.shots} shots that are not the question itself"
            )
        return chosen

    def solution(self, question: Question) -> str | None:
        """Return the reasoning that an example shows; None where the question has none."""
        return question.rationale

    @cached_property
    def _order(self) -> list[Question]:
        questions = self.pool or load_questions(self.source)
        solved = [question for question in questions if self.solution(question)]
        random.Random(self.seed).shuffle(solved)
        return solved


def _words(text: str) -> str:
    return " ".join(text.casefold().split())
