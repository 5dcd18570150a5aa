"""Few-shot chain-of-thought: worked examples before the question.

Jason Wei et al. "Chain-of-Thought Prompting Elicits Reasoning in Large Language Models".
NeurIPS 2022, arXiv:2201.11903.

    Q: …                 shots times, in an order drawn by `seed`
    A: … reasoning …
    #### 12

    Q: {question}
    A:

The same examples serve every question, so that results are comparable; where one of them *is* the
question, by id or by text, the next one in the order takes its place.
"""

from __future__ import annotations

import random
from functools import cached_property
from typing import ClassVar, Literal

from pydantic import Field

from cotkd.errors import SettingError
from cotkd.questions.load import load_questions
from cotkd.teachers.elicitation.base import Elicitation
from cotkd.teachers.elicitation.template import QuestionTemplate, SolvedTemplate, fill
from cotkd.types import Question


class FewShotCot(Elicitation):
    """Worked examples from a set of questions, then the question."""

    title: ClassVar[str] = "few-shot chain-of-thought (Wei et al. 2022)"

    kind: Literal["few_shot_cot"] = "few_shot_cot"
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
    template: QuestionTemplate = "Q: {question}\nA:"
    """The question, after the examples."""

    def first(self, question: Question, *, condition: str | None = None) -> str:
        """Return the examples and the question."""
        worked = [
            fill(
                self.demonstration,
                question=one.text,
                rationale=one.rationale or "",
                answer=one.answer,
            )
            for one in self.demonstrations(question)
        ]
        return self.separator.join([*worked, fill(self.template, question=question.text)])

    def demonstrations(self, question: Question) -> list[Question]:
        """Return the examples shown with `question`, which is never one of them."""
        asked = _words(question.text)
        others = (one for one in self._order if one.id != question.id and _words(one.text) != asked)
        chosen = [one for one, _ in zip(others, range(self.shots), strict=False)]
        if len(chosen) < self.shots:
            raise SettingError(
                f"few_shot_cot: {len(self._order)} solved questions in {self._origin}, too few for "
                f"{self.shots} shots that are not the question itself"
            )
        return chosen

    @property
    def _origin(self) -> str:
        return "`pool`" if self.pool else repr(self.source)

    @cached_property
    def _order(self) -> list[Question]:
        questions = self.pool or load_questions(self.source)
        solved = [question for question in questions if question.rationale]
        random.Random(self.seed).shuffle(solved)
        return solved


def _words(text: str) -> str:
    return " ".join(text.casefold().split())
