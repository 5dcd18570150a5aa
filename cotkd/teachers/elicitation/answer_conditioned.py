"""Rationalisation: the answer is given, the teacher explains it.

Prompts that state the answer before the explanation cover every question, also those that the
teacher would get wrong (Li et al. 2022, arXiv:2210.06726); given a wrong answer they yield
counterfactual rationales (Wang et al. 2023, arXiv:2305.01879).
"""

from __future__ import annotations

from typing import ClassVar, Literal

from cotkd.teachers.elicitation.base import Elicitation
from cotkd.teachers.elicitation.template import AnsweredTemplate, fill
from cotkd.types import Question


class Answered(Elicitation):
    """What ways of asking share whose prompt is a question with an answer."""

    conditioned: ClassVar[bool] = True

    template: AnsweredTemplate = "Q: {question}\nA: The answer is {answer}."
    """The prompt."""

    def first(self, question: Question, *, condition: str | None = None) -> str:
        """Return question and answer in the template."""
        answer = self.condition(question) if condition is None else condition
        return fill(self.template, question=question.text, answer=answer)


class AnswerConditioned(Answered):
    """The question and an answer, right or wrong; the teacher writes the reasoning to it."""

    title: ClassVar[str] = "reasoning to a given answer, right or wrong"

    kind: Literal["answer_conditioned"] = "answer_conditioned"
