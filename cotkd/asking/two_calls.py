"""Two calls: a rationale, then the answer with the student's own rationale in the prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cotkd.asking.prompting import Prompting, Turn
from cotkd.formats.marked import Marked
from cotkd.teachers.elicitation.template import fill
from cotkd.types import Architecture, Question


@dataclass(frozen=True)
class TwoCalls(Prompting):
    """The first reply is that of `format`, a rationale; the second one is the answer."""

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
