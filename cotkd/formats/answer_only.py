"""Question to answer, no reasoning: the baseline of every distillation method.

One example:

    input "Ann has 3 boxes of 4 eggs. How many eggs? ###", target " 12"
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from cotkd.formats.base import Format, after_input
from cotkd.types import Architecture, Example, Question, Rationale


class AnswerOnly(Format):
    """The target is the gold answer; one example per question, whatever the teacher wrote."""

    kind: Literal["answer_only"] = "answer_only"

    def target(self, question: Question, rationale: Rationale | None = None) -> str:
        """Return the gold answer."""
        del rationale
        return question.answer.strip()

    def examples(
        self, question: Question, rationales: Sequence[Rationale], architecture: Architecture
    ) -> list[Example]:
        """Return one example, rationales or not."""
        target = after_input(self.target(question), architecture)
        return [
            Example(
                example_id=question.id,
                question_id=question.id,
                input=self.input(question, architecture),
                target=target,
                answer_span=(0, len(target)),
            )
        ]
