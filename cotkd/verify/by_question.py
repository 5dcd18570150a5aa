"""Each question with the verifier that its row names, for sets of several kinds of answers.

    {"id": "bbh-navigate-001", "answer": "No", "meta": {"verifier": "boolean"}, …}

A question that names none, and a text without its question, are compared as words.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from cotkd.types import Question, Verdict
from cotkd.verify.base import Verifier
from cotkd.verify.text import Text

FIELD = "verifier"
"""The key of `Question.meta` that holds the name of a verifier, or its settings."""


class ByQuestion(Verifier):
    """Whatever verifier the question names in its `meta`."""

    title: ClassVar[str] = "the verifier that each question names"

    kind: Literal["by_question"] = "by_question"

    def named(self, question: Question) -> Verifier:
        """Return the question's own verifier."""
        from cotkd.verify import verifier_of

        named: str | dict[str, Any] | None = question.meta.get(FIELD)
        return _WORDS if named is None else verifier_of(named)

    def reads(self, question: Question) -> bool:
        """Whether the question's own verifier reads its gold answer."""
        return self.named(question).reads(question)

    def verify(self, text: str, gold: str) -> Verdict:
        """Return the verdict where the question is not known: that on words."""
        return _WORDS.verify(text, gold)

    def verify_question(self, text: str, question: Question) -> Verdict:
        """Return the verdict of the question's own verifier."""
        return self.named(question).verify_question(text, question)

    def locate(self, text: str) -> tuple[int, int] | None:
        """Return the place of the final-answer statement, whatever kind of answer it states."""
        return _WORDS.locate(text)


_WORDS = Text()
