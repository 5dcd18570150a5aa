"""Answer-only fine-tuning: the baseline that every distillation paper compares with.

Baseline of Ho et al. 2023, "Large Language Models Are Reasoning Teachers", arXiv:2212.10071.

    L = CE(a | q)          token mean over the answer

Differs from the paper: the paper's baseline trains on all questions while its method trains on
those whose rationale survived the filter; here both question sets exist (`trained_on`), and the
default is the same questions for both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from cotkd.asking import Prompting, Reply
from cotkd.formats.answer_only import AnswerOnly as AnswerOnlyFormat
from cotkd.methods.base import Method
from cotkd.types import Architecture, Example, Question, Rationale


class AnswerOnly(Method):
    """Train on the gold answer without any rationale."""

    paper: ClassVar[str] = "Ho et al. 2023, arXiv:2212.10071 (baseline)"

    kind: Literal["answer_only"] = "answer_only"
    format: AnswerOnlyFormat = AnswerOnlyFormat()
    """How the question and the answer are written."""
    trained_on: Literal["kept", "all"] = "kept"
    """Questions trained on: those with a rationale that survived the filters, or all."""

    @property
    def uses_teacher(self) -> bool:
        """No: a question's own answer is all that it is trained on."""
        return False

    @property
    def needs_rationales(self) -> bool:
        """Yes, but where it is trained on all questions."""
        return self.trained_on == "kept"

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
        """Return one example per question; without any rationale, all questions are used."""
        kept = {rationale.question_id for rationale in rationales}
        everything = self.trained_on == "all" or not kept
        return [
            example
            for question in questions.values()
            if everything or question.id in kept
            for example in self.format.examples(question, [], architecture)
        ]
