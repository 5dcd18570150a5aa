r"""Counterfactual rationales: the teacher explains a wrong answer.

Peifeng Wang et al. "SCOTT: Self-Consistent Chain-of-Thought Distillation". ACL 2023,
arXiv:2305.01879: a student that is also trained to conclude a' from a rationale for a' has to read
its rationale, and cannot answer from the question alone.

    Q: Ann has 3 boxes of 4 eggs. How many eggs?
    A: The answer is 14.                             the gold answer is 12

The row's `condition` is the wrong answer, and what it says is to be judged by that one.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from cotkd.questions.wrong import wrong_answer
from cotkd.teachers.elicitation.answer_conditioned import Answered
from cotkd.types import Question


class Counterfactual(Answered):
    """The question and a wrong answer; the teacher writes the reasoning to it."""

    title: ClassVar[str] = "reasoning to a wrong answer (SCOTT, Wang et al. 2023)"

    kind: Literal["counterfactual"] = "counterfactual"
    against: Literal["choice", "number", "other"] = "other"
    """The wrong answer: another option, another number, or whichever the question has."""
    seed: int = 0
    """Draws the wrong answer of each question."""

    def condition(self, question: Question) -> str:
        """Return the wrong answer."""
        return wrong_answer(question, self.against, seed=self.seed)
