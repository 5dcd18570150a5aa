r"""Reasoning first, then, in a second call, the question that each of its steps answers.

    call 1   Q: {question}
             A:                                        3*4=<<3*4=12>>12 eggs.\n12-5=…\n#### 7
    call 2   prompt and completion of call 1, then
             The question that each step answers:       How many eggs?\nHow many are left?

and both as one: `How many eggs? ** 3*4=<<3*4=12>>12 eggs.`, a line for each step. It makes
sub-questions of plain reasoning, as the Socratic edition of GSM8K was made of its solutions (Cobbe
et al. 2021, arXiv:2110.14168). The steps stay as they were written. Where there are more or fewer
questions than steps the reasoning stays without any, and the filter `subquestions` drops it.
"""

from __future__ import annotations

import re
from typing import ClassVar, Literal

from pydantic import Field

from cotkd.decoding.sampling import Sampling
from cotkd.questions.solution import ANSWER_MARKER, SUBQUESTION_MARKER
from cotkd.teachers.elicitation.base import Elicitation
from cotkd.teachers.elicitation.template import QuestionTemplate, fill
from cotkd.types import Question

_BULLET = re.compile(r"^\s*(?:[-*•]|\(?\d{1,2}[.):])\s+")


class StepQuestions(Elicitation):
    """Plain reasoning, then the question that each step answers."""

    title: ClassVar[str] = "reasoning, then the sub-question of each step"

    kind: Literal["step_questions"] = "step_questions"
    template: QuestionTemplate = "Q: {question}\nA:"
    """Prompt of the first call."""
    trigger: str = "\n\nThe question that each step answers, one a line:\n"
    """Follows the reasoning in the second call."""
    max_tokens: int = Field(256, ge=1)
    """Most tokens of the second call."""

    def first(self, question: Question, *, condition: str | None = None) -> str:
        """Return the question in the template."""
        return fill(self.template, question=question.text)

    def follow_up(self, prompt: str, completion: str) -> str:
        """Return everything so far with the trigger."""
        return prompt + completion + self.trigger

    @property
    def follow_up_sampling(self) -> Sampling:
        """Greedily, to the first empty line."""
        return Sampling(temperature=0.0, max_tokens=self.max_tokens, stop=("\n\n",))

    def join(self, completion: str, answer: str) -> str:
        """Return each step after its question; the completion alone where they are not as many."""
        body, marker, ending = completion.partition(ANSWER_MARKER)
        steps = [line.strip() for line in body.split("\n") if line.strip()]
        lines = [line for line in answer.strip().split("\n") if line.strip()]
        asked = [_BULLET.sub("", line).partition(SUBQUESTION_MARKER)[0].strip() for line in lines]
        if len(asked) != len(steps) or not all(asked):
            return completion
        pairs = [SUBQUESTION_MARKER.join(pair) for pair in zip(asked, steps, strict=True)]
        return "\n".join([*pairs, marker + ending] if marker else pairs)
