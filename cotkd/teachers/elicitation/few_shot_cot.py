"""Few-shot chain-of-thought: worked examples before the question.

Jason Wei et al. "Chain-of-Thought Prompting Elicits Reasoning in Large Language Models".
NeurIPS 2022, arXiv:2201.11903. As COTE it is the first half of `crop`.

    Q: …                 shots times, in an order drawn by `seed`
    A: … reasoning …
    #### 12

    Q: {question}
    A:
"""

from __future__ import annotations

from typing import ClassVar, Literal

from cotkd.teachers.elicitation.demonstrations import WithDemonstrations
from cotkd.teachers.elicitation.template import QuestionTemplate, fill
from cotkd.types import Question


class FewShotCot(WithDemonstrations):
    """Worked examples from a set of questions, then the question."""

    title: ClassVar[str] = "few-shot chain-of-thought (Wei et al. 2022)"

    kind: Literal["few_shot_cot"] = "few_shot_cot"
    template: QuestionTemplate = "Q: {question}\nA:"
    """The question, after the examples."""

    def first(self, question: Question, *, condition: str | None = None) -> str:
        """Return the examples and the question."""
        return self.after_demonstrations(question, fill(self.template, question=question.text))
