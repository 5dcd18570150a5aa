"""Fine-tune-CoT: the student learns to write the teacher's reasoning, then the answer.

Namgyu Ho, Laura Schmid, Se-Young Yun. "Large Language Models Are Reasoning Teachers". ACL 2023,
arXiv:2212.10071.

    L = CE(r, a | q)       token mean over rationale, delimiter and answer

D independent samples per question ("diverse reasoning"); each is kept when its final answer is
right, and the target ends in the *gold* answer string.

Differs from the paper: decoder batches are padded on the right, behind an attention mask; the
checkpoint is chosen on a development split, never on the test set; several samples with the same
equations may be reduced to one (`distinct`), which the paper does not do; `trained_on: all` keeps
the questions without a surviving rationale, which the paper drops for its method alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from cotkd.asking import Prompting, Reply
from cotkd.filters.base import Filter
from cotkd.filters.correct import Correct
from cotkd.formats.rationale_answer import RationaleAnswer
from cotkd.methods.base import Method, gold_solution
from cotkd.rationales.by_question import by_question
from cotkd.teachers.elicitation import Elicitation, ZeroShotCot
from cotkd.types import Architecture, Example, Question, Rationale


class FineTuneCot(Method):
    """Fine-tune on verified teacher rationales followed by the gold answer."""

    paper: ClassVar[str] = "Ho et al. 2023, arXiv:2212.10071"

    kind: Literal["fine_tune_cot"] = "fine_tune_cot"
    elicitation: Elicitation = ZeroShotCot()
    """How the teacher is asked; the paper's is zero-shot chain-of-thought in two calls."""
    filters: tuple[Filter, ...] = (Correct(),)
    """The paper keeps a rationale when its answer is right, and nothing else decides."""
    format: RationaleAnswer = RationaleAnswer()
    """How rationale and answer are written, and in which order."""

    trained_on: Literal["kept", "all"] = "kept"
    """Questions trained on: those with a rationale that survived the filters, or all; then, and
    where nothing was sampled, the gold solution of a question, if it has one, stands in."""

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
        """Return one example per kept rationale."""
        own = {question.id: rows for question, rows in by_question(questions, rationales)}
        if self.trained_on == "all" or not rationales:
            own = {q.id: own.get(q.id) or gold_solution(q) for q in questions.values()}
        return [
            example
            for question in questions.values()
            for example in self.format.examples(question, own.get(question.id, []), architecture)
        ]
