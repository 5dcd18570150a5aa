"""One prompt and the reply to it: the input of a format's examples, answered by its target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from cotkd.asking.prompting import Prompting, Turn
from cotkd.formats.base import after_input
from cotkd.types import Architecture, Question


@dataclass(frozen=True)
class Reply(Prompting):
    """A single reply, as the examples of its `format` have it."""

    single: ClassVar[bool] = True

    def turn(
        self, question: Question, said: Sequence[str], architecture: Architecture
    ) -> Turn | None:
        """Return the one turn."""
        return None if said else Turn.of(self.format, question, architecture)

    def transcript(self, question: Question, said: Sequence[str]) -> str:
        """Return the reply as it is."""
        return said[0]

    def conclusion(
        self, question: Question, rationale: str, architecture: Architecture
    ) -> Turn | None:
        """Return the turn with the rationale said already; None where none comes first."""
        before = self.format.before_answer(rationale)
        if before is None:
            return None
        asked = Turn.of(self.format, question, architecture)
        if architecture == "decoder":
            return asked._replace(prompt=asked.prompt + after_input(before, architecture))
        return asked._replace(opening=f"{asked.opening} {before}".strip())
