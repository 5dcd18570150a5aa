"""Sub-questions with their steps, one on each line: `How many eggs are there? ** 3*4=<<3*4=12>>12`.

Kumar Shridhar, Alessandro Stolfo, Mrinmaya Sachan. "Distilling Reasoning Capabilities into Smaller
Language Models". Findings of ACL 2023, arXiv:2212.00193. The line format is that of GSM8K's
Socratic edition; the prompt is our own, since the paper's teacher was prompted with examples.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from cotkd.teachers.elicitation.base import Elicitation
from cotkd.teachers.elicitation.template import QuestionTemplate, fill
from cotkd.types import Question


class Socratic(Elicitation):
    """Asks for the question to be broken into sub-questions, each answered in one step."""

    title: ClassVar[str] = "sub-questions and their steps (Shridhar et al. 2023)"

    kind: Literal["socratic"] = "socratic"
    template: QuestionTemplate = "Q: {question}\nA: Let's break it into sub-questions."
    """The prompt."""

    def first(self, question: Question, *, condition: str | None = None) -> str:
        """Return the question in the template."""
        return fill(self.template, question=question.text)
