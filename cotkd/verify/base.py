"""A verifier reads the final answer of a text and says right, wrong, or not readable.

    class Exact(Verifier):
        "The whole text is the answer."
        kind: Literal["exact"] = "exact"

        def verify(self, text: str, gold: str) -> Verdict:
            status = "correct" if text == gold else "wrong"
            return Verdict(status=status, extracted=text, expected=gold)

        def locate(self, text: str) -> tuple[int, int] | None:
            return None

Defining the class registers it: `cotkd.verify("5", "5", verifier="exact")`.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from cotkd.config import Choice
from cotkd.types import Question, Verdict

UNREADABLE_GOLD = "gold answer not readable"
"""Reason of a verdict that no text can change."""


class Verifier(Choice):
    """Compares a text's final answer with a gold answer. Never raises on any text."""

    title: ClassVar[str] = ""
    """What it is, in a few words."""
    source: ClassVar[str] = "cotkd"
    """Where its rules come from."""

    @abstractmethod
    def verify(self, text: str, gold: str) -> Verdict:
        """Return the verdict on `text`; two answers that cannot be read are never equal."""

    @abstractmethod
    def locate(self, text: str) -> tuple[int, int] | None:
        """Return start and end of the explicit final-answer statement, or None without one."""

    def reads(self, question: Question) -> bool:
        """Whether the gold answer of a question can be read; where not, no text is right."""
        return True

    def verify_question(self, text: str, question: Question) -> Verdict:
        """Return the verdict on an answer to `question`; overridden where options matter."""
        return self.verify(text, question.answer)

    def verify_all(self, texts: Sequence[str], questions: Sequence[Question]) -> list[Verdict]:
        """Return the verdict on each text; overridden where many at once are faster."""
        return [self.verify_question(*pair) for pair in zip(texts, questions, strict=True)]
