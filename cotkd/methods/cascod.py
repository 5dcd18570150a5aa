r"""CasCoD: reasoning and answering are learned apart, one after the other.

Chengwei Dai, Kun Li, Wei Zhou, Songlin Hu. "Improve Student's Reasoning Generalizability through
Cascading Decomposed CoTs Distillation". EMNLP 2024, arXiv:2405.19842.

    L = (1 - α) CE(r | q) + α CE(a | q, r)

At test time the student writes r, and is then asked for the answer with its own r in the prompt.

Differs from the paper: training and inference put the rationale into the prompt by one function
(in the released code they differ by a newline); the checkpoint is chosen on a development split.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from cotkd.asking import Prompting, Turn
from cotkd.filters.base import Filter
from cotkd.filters.correct import Correct
from cotkd.formats.marked import Marked
from cotkd.methods.base import Method
from cotkd.methods.two_heads import trained
from cotkd.rationales.by_question import by_question
from cotkd.teachers.elicitation import Elicitation, FewShotCot
from cotkd.teachers.elicitation.template import ReasonedTemplate, fill
from cotkd.types import Architecture, Example, Question, Rationale


@dataclass(frozen=True)
class TwoCalls(Prompting):
    """A rationale (`format`), then the answer with the student's own rationale in the prompt."""

    conclude: Marked
    """How the answer is asked for, of a question that holds the rationale."""
    reasoned: str
    """Question and rationale as the second call reads them: `{question}`, `{rationale}`."""

    def turn(
        self, question: Question, said: Sequence[str], architecture: Architecture
    ) -> Turn | None:
        """Return the first call, then the second one, which holds the first reply."""
        if not said:
            return Turn.of(self.format, question, architecture)
        return self.conclusion(question, said[0], architecture) if len(said) == 1 else None

    def conclusion(self, question: Question, rationale: str, architecture: Architecture) -> Turn:
        """Return the second call after any rationale."""
        return Turn.of(self.conclude, self.given(question, rationale), architecture)

    def transcript(self, question: Question, said: Sequence[str]) -> str:
        """Return rationale and answer as one text."""
        rationale, answer = said
        return f"{rationale.strip()}{self.conclude.suffix} {answer.strip()}"

    def given(self, question: Question, rationale: str) -> Question:
        """Return the question of the second call, in training and at inference alike."""
        text = fill(self.reasoned, question=question.text.strip(), rationale=rationale.strip())
        return question.model_copy(update={"text": text})


class Cascod(Method):
    """Two losses, q → r and q, r → a; two calls at test time."""

    paper: ClassVar[str] = "Dai et al. 2024, arXiv:2405.19842"

    kind: Literal["cascod"] = "cascod"
    elicitation: Elicitation = FewShotCot()
    """How the teacher is asked."""
    filters: tuple[Filter, ...] = (Correct(),)
    """Rationales to a right answer."""
    reason: Marked = Marked(
        suffix="\nRationale:", separator="", template="{rationale}", task="reason"
    )
    """How the student is asked for the rationale."""
    conclude: Marked = Marked(
        suffix="\nTherefore, the answer is", separator="", template="{answer}", task="conclude"
    )
    """How it is asked for the answer, after question and rationale."""
    reasoned: ReasonedTemplate = "{question}\nRationale: {rationale}"
    """Question and rationale, as the second call reads them."""
    alpha: float = Field(0.1, ge=0, le=1)
    """Weight of the answer; the rationale has the rest."""

    @property
    def heads(self) -> dict[str, Prompting]:
        """The one head, which is two calls."""
        return {"answer": self._calls}

    @property
    def _calls(self) -> TwoCalls:
        return TwoCalls(self.reason, conclude=self.conclude, reasoned=self.reasoned)

    def examples(
        self,
        questions: Mapping[str, Question],
        rationales: Sequence[Rationale],
        *,
        architecture: Architecture,
    ) -> list[Example]:
        """Return two examples per kept rationale, one for each call."""
        given, alpha = self._calls.given, self.alpha
        return trained(
            example
            for question, own in by_question(questions, rationales)
            for row in own
            if self.reason.rejects(row) is None
            for example in (
                self.reason.example(question, row, architecture, weight=1 - alpha),
                self.conclude.example(given(question, row.text), row, architecture, weight=alpha),
            )
        )
