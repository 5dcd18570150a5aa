"""What the multi-task methods share: an answer head, an explanation head, pairs of examples.

    α CE(answer head) + (1 - α) CE(explanation head)      each a mean over its own tokens

The trainer keeps the examples of a question in one step, so that every step holds both tasks: steps
of one task alone would be weighted by their number instead of by α.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from pydantic import Field

from cotkd.asking import Prompting, Reply
from cotkd.filters.base import Filter
from cotkd.filters.correct import Correct
from cotkd.formats.marked import Marked
from cotkd.methods.base import Method
from cotkd.rationales.by_question import by_question
from cotkd.teachers.elicitation import Crop, Elicitation
from cotkd.types import Architecture, Example, Question, Rationale


class TwoHeads(Method):
    """A student that answers directly and, asked otherwise, explains (Li et al. 2022)."""

    elicitation: Elicitation = Crop()
    """How explanations are got: CROP, COTE (`few_shot_cot`) or RP (`rationalization`)."""
    filters: tuple[Filter, ...] = (Correct(),)
    """COTE explanations to a wrong answer are no explanations; those of RP are to the gold one."""
    answer: Marked = Marked()
    """How the student is asked for the answer alone."""
    explain: Marked = Marked()
    """How it is asked for the explanation."""
    alpha: float = Field(0.5, ge=0, le=1)
    """Weight of the answer task; the explanation task has the rest."""
    main: Literal["answer", "explain"] = "answer"
    """Which head is reported as the student; the other one is reported beside it."""

    @property
    def heads(self) -> dict[str, Prompting]:
        """Both heads, the main one first."""
        names = ("answer", "explain") if self.main == "answer" else ("explain", "answer")
        return {name: Reply(getattr(self, name)) for name in names}

    def examples(
        self,
        questions: Mapping[str, Question],
        rationales: Sequence[Rationale],
        *,
        architecture: Architecture,
    ) -> list[Example]:
        """Return one example per head and kept rationale."""
        weights = {"answer": self.alpha, "explain": 1 - self.alpha}
        return trained(
            head.example(question, row, architecture, weight=weights[head.task])
            for question, own in by_question(questions, rationales)
            for row in own
            if self.explain.rejects(row) is None
            for head in (self.answer, self.explain)
        )


def trained(examples: Iterable[Example]) -> list[Example]:
    """Return the examples that have a weight: a task of weight zero is not computed."""
    return [example for example in examples if example.weight > 0]
