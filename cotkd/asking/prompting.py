r"""One way of asking a student: what it is sent, turn by turn, and how what it says is read.

turn(question, (), "decoder")                 Turn("Ann has …\nRationale:", task="reason")
turn(question, (" 3*4=12.",), "decoder")      Turn("Ann has …\nRationale: 3*4=12.\n…", …)
turn(question, (" 3*4=12.", " 12"), …)        None: all is said
transcript(question, (" 3*4=12.", " 12"))     "3*4=12.\nTherefore, the answer is 12"
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Self

from cotkd.evaluation.run import Metric
from cotkd.formats.base import Format
from cotkd.types import Architecture, Question


class Turn(NamedTuple):
    """What a student is sent next."""

    prompt: str
    task: str | None = None
    """Whose weights answer, where tasks have some of their own."""
    opening: str = ""
    """What an encoder–decoder is made to begin its reply with."""

    @classmethod
    def of(cls, format: Format, question: Question, architecture: Architecture) -> Self:
        """Return the turn that is asked as a format's examples are: its input, task and opening."""
        opening = getattr(format, "opening", "") if architecture == "encoder-decoder" else ""
        return cls(format.input(question, architecture), getattr(format, "task", None), opening)


@dataclass(frozen=True)
class Prompting(ABC):
    """One way of asking a student. Equal ones ask alike; subclasses are frozen dataclasses."""

    format: Format
    """What the reply that answers was trained to be: decides how the text is read."""
    single: ClassVar[bool] = False
    """It is one call: one prompt and the reply to it."""
    converses: ClassVar[bool] = False
    """Turns begin with what was read before, so that keeping that pays."""

    @property
    def oracle(self) -> bool:
        """Whether it tells the student something gold: what comes of it is an upper bound."""
        return False

    @abstractmethod
    def turn(
        self, question: Question, said: Sequence[str], architecture: Architecture
    ) -> Turn | None:
        """Return what the student is sent after the replies in `said`; None ends the dialogue."""

    @abstractmethod
    def transcript(self, question: Question, said: Sequence[str]) -> str:
        """Return all replies of a dialogue as the one text that is read and kept."""

    def conclusion(
        self, question: Question, rationale: str, architecture: Architecture
    ) -> Turn | None:
        """Return the turn that leaves only the answer to be said; None where there is none.

        The `rationale` stands in for everything that the student would have said before.
        """
        return None

    def prompt(self, question: Question, architecture: Architecture) -> str:
        """Return the first turn's prompt: an input string of training."""
        first = self.turn(question, (), architecture)
        assert first is not None, "who is asked nothing has no prompt: see `asks`"
        return first.prompt

    @property
    def task(self) -> str | None:
        """The task of the reply that answers; None where tasks have no names."""
        return getattr(self.format, "task", None)

    @property
    def explains(self) -> bool:
        """Whether the answer comes with a rationale."""
        return self.format.explains

    def answer_part(self, text: str) -> str:
        """Return the part of a transcript in which the final answer is looked for."""
        return self.format.answer_part(text)

    def asks(self, question: Question) -> bool:
        """Return whether it can ask this question: an oracle needs what it tells."""
        return True

    def metrics(self, questions: Sequence[Question]) -> dict[str, Metric]:
        """Return further figures of the answers to these questions, by name."""
        return {}
