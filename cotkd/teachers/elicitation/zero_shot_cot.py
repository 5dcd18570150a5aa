"""Zero-shot chain-of-thought in two calls: reason first, then say the answer.

Takeshi Kojima, Shixiang Shane Gu, Machel Reid, Yutaka Matsuo, Yusuke Iwasawa. "Large Language
Models are Zero-Shot Reasoners". NeurIPS 2022, arXiv:2205.11916.

    call 1   Q: {question}
             A: Let's think step by step.
    call 2   prompt and completion of call 1, then
             Therefore, the answer is

The second trigger is the shorter one of Fine-tune-CoT (arXiv:2212.10071), which serves answers of
every type; for numbers Kojima et al. write "Therefore, the answer (arabic numerals) is".
"""

from __future__ import annotations

from typing import ClassVar, Literal

from cotkd.teachers.elicitation.base import Elicitation
from cotkd.teachers.elicitation.template import QuestionTemplate, fill
from cotkd.types import Question


class ZeroShotCot(Elicitation):
    """A trigger for reasoning, then, in a second call, a trigger for the answer."""

    title: ClassVar[str] = "zero-shot chain-of-thought, two calls (Kojima et al. 2022)"

    kind: Literal["zero_shot_cot"] = "zero_shot_cot"
    template: QuestionTemplate = "Q: {question}\nA: Let's think step by step."
    """Prompt of the first call."""
    answer_trigger: str = "\nTherefore, the answer is"
    """Follows the reasoning in the second call."""

    def first(self, question: Question, *, condition: str | None = None) -> str:
        """Return the question with the reasoning trigger."""
        return fill(self.template, question=question.text)

    def follow_up(self, prompt: str, completion: str) -> str:
        """Return everything so far with the answer trigger."""
        return prompt + completion + self.answer_trigger

    def join(self, completion: str, answer: str) -> str:
        """Return reasoning, trigger and answer."""
        return completion + self.answer_trigger + answer
