"""Sub-questions with their steps, one on each line: `How many eggs are there? ** 3*4=<<3*4=12>>12`.

Kumar Shridhar, Alessandro Stolfo, Mrinmaya Sachan. "Distilling Reasoning Capabilities into Smaller
Language Models". Findings of ACL 2023, arXiv:2212.00193. The line format is that of GSM8K's
Socratic edition. The paper's teacher was prompted with examples: `shots` shows some, from questions
whose solutions have sub-questions.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from cotkd.questions.subquestions import write_pairs
from cotkd.teachers.elicitation.demonstrations import WithDemonstrations
from cotkd.teachers.elicitation.template import QuestionTemplate, SolvedTemplate, fill
from cotkd.types import Question


class Socratic(WithDemonstrations):
    """Asks for the question to be broken into sub-questions, each answered in one step."""

    title: ClassVar[str] = "sub-questions and their steps (Shridhar et al. 2023)"

    kind: Literal["socratic"] = "socratic"
    shots: int = Field(0, ge=0)
    """Worked examples in the prompt; 0 asks without."""
    demonstration: SolvedTemplate = (
        "Q: {question}\nA: Let's break it into sub-questions.\n{rationale}\n#### {answer}"
    )
    """A worked example; its rationale is the lines of sub-questions and steps."""
    template: QuestionTemplate = "Q: {question}\nA: Let's break it into sub-questions."
    """The question, after the examples."""

    def first(self, question: Question, *, condition: str | None = None) -> str:
        """Return the question in the template, after the examples."""
        return self.after_demonstrations(question, fill(self.template, question=question.text))

    def solution(self, question: Question) -> str | None:
        """Return the sub-questions of an example with their steps; None where it has none."""
        return write_pairs(question.steps, where=question.id) if question.steps else None
