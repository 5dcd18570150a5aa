r"""MCC-KD: whatever the rationale, the student is to arrive at its answer with the same certainty.

Hongzhan Chen, Siyue Wu, Xiaojun Quan, Rui Wang, Ming Yan, Ji Zhang. "MCC-KD: Multi-CoT Consistent
Knowledge Distillation". Findings of EMNLP 2023, arXiv:2310.14747.

    L = CE(r, a | q) + λ mean_{i<j} [KL(p_i || p_j) + KL(p_j || p_i)] / 2

p_i are the predictions of the tokens of the answer a after rationale r_i; compared are the
rationales of a question, token by token, and both sides learn. With λ = 0 it is Fine-tune-CoT.

Differs from the paper: the rationales of a question are compared in fixed groups of `compared`, not
drawn anew in every pass; how different they are is the choice of a filter (`diverse`), not of the
method; λ and the number of rationales are settings; the checkpoint is chosen on a development
split.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from pydantic import Field

from cotkd.asking import Prompting, Reply
from cotkd.filters.base import Filter
from cotkd.filters.correct import Correct
from cotkd.filters.diverse import Diverse
from cotkd.formats.rationale_answer import RationaleAnswer
from cotkd.methods.base import Method
from cotkd.rationales.by_question import by_question
from cotkd.teachers.elicitation import Elicitation, ZeroShotCot
from cotkd.types import Architecture, Example, Question, Rationale


class MccKd(Method):
    """Several rationales per question, after which the answer is predicted alike."""

    paper: ClassVar[str] = "Chen et al. 2023, arXiv:2310.14747"

    kind: Literal["mcc_kd"] = "mcc_kd"
    elicitation: Elicitation = ZeroShotCot()
    """How the teacher is asked."""
    filters: tuple[Filter, ...] = (Correct(), Diverse())
    """Right rationales, and of these the most different ones."""
    format: RationaleAnswer = RationaleAnswer()
    """How rationale and answer are written."""
    compared: int = Field(2, ge=2)
    """Rationales of a question that are compared with each other; they share a step."""
    agreement_weight: float = Field(1.0, ge=0, allow_inf_nan=False)
    """λ: weight of the divergence between their answers; 0 is Fine-tune-CoT."""

    @property
    def heads(self) -> dict[str, Prompting]:
        """The one head."""
        return {"answer": Reply(self.format)}

    def examples(
        self,
        questions: Mapping[str, Question],
        rationales: Sequence[Rationale],
        *,
        architecture: Architecture,
    ) -> list[Example]:
        """Return one example per kept rationale, in groups of `compared` of one question."""
        return [
            self._compared(example, question, number // self.compared)
            for question, own in by_question(questions, rationales)
            for number, example in enumerate(self.format.examples(question, own, architecture))
        ]

    def _compared(self, example: Example, question: Question, number: int) -> Example:
        if self.agreement_weight == 0:
            return example
        start, stop = example.answer_span or (0, 0)
        at = example.target.index(question.answer.strip(), start, stop)
        return example.model_copy(
            update={
                "group": f"{question.id}/{number}",
                "agreement": (at, at + len(question.answer.strip())),
                "agreement_weight": self.agreement_weight,
            }
        )
