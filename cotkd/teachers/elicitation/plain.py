"""The bare question: enough for a teacher that reasons by itself, or for recorded answers."""

from __future__ import annotations

from typing import ClassVar, Literal

from cotkd.teachers.elicitation.base import Elicitation
from cotkd.teachers.elicitation.template import QuestionTemplate, fill
from cotkd.types import Question


class Plain(Elicitation):
    """`Q: …` and `A:`, nothing else."""

    title: ClassVar[str] = "the bare question"

    kind: Literal["plain"] = "plain"
    template: QuestionTemplate = "Q: {question}\nA:"
    """The prompt."""

    def first(self, question: Question, *, condition: str | None = None) -> str:
        """Return the question in the template."""
        return fill(self.template, question=question.text)
