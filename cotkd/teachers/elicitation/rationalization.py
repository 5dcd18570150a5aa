"""Rationalisation prompting (RP): worked examples that state the answer before the explanation.

Shiyang Li et al. "Explanations from Large Language Models Make Small Reasoners Better".
arXiv:2210.06726.

    Q: …                                    shots times, in an order drawn by `seed`
    A: The answer is 12. … explanation …

    Q: {question}
    A: The answer is {answer}.

The teacher writes the explanation alone. Every question gets one, also those that the teacher
would answer wrongly; `answer_conditioned` asks the same without examples.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from cotkd.teachers.elicitation.demonstrations import WithDemonstrations
from cotkd.teachers.elicitation.template import AnsweredTemplate, SolvedTemplate, fill
from cotkd.types import Question


class Rationalization(WithDemonstrations):
    """Worked examples with the answer first, then the question with its answer."""

    title: ClassVar[str] = "few-shot reasoning to a given answer (RP, Li et al. 2022)"
    conditioned: ClassVar[bool] = True

    kind: Literal["rationalization"] = "rationalization"
    demonstration: SolvedTemplate = "Q: {question}\nA: The answer is {answer}. {rationale}"
    """A worked example."""
    template: AnsweredTemplate = "Q: {question}\nA: The answer is {answer}."
    """The question and its answer, after the examples."""

    def first(self, question: Question, *, condition: str | None = None) -> str:
        """Return the examples, the question and an answer; by default the gold one."""
        answer = self.condition(question) if condition is None else condition
        asked = fill(self.template, question=question.text, answer=answer)
        return self.after_demonstrations(question, asked)
