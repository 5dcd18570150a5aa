"""A format turns a question and its rationales into training examples.

The string that a student reads is made by one function, `Format.input`, in training and at
inference alike. A question with one verified rationale, for a decoder:

    Question("q7", "Ann has 3 boxes of 4 eggs. How many eggs?", answer="12")
    Rationale("There are 3*4=<<3*4=12>>12 eggs.")
    -> Example(input="Ann has 3 boxes of 4 eggs. How many eggs? ###",
               target=" There are 3*4=<<3*4=12>>12 eggs. --> 12", answer_span=(33, 39), ...)
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from pydantic import Field

from cotkd.config import Choice
from cotkd.types import Architecture, Example, Question, Rationale


class Format(Choice):
    """How a question and its rationale become the text that a student reads and writes."""

    separator: str = Field(" ###")
    """Ends the input of a decoder, so that it knows where the question ends."""

    def input(self, question: Question, architecture: Architecture) -> str:
        """Return what the student reads, in training and at inference alike."""
        text = question.text.strip()
        return text + self.separator if architecture == "decoder" else text

    @abstractmethod
    def target(self, question: Question, rationale: Rationale | None) -> str:
        """Return what the student should write, without the space that follows a decoder's input.

        Raises:
            ValueError: the rationale cannot be written in this format, see `rejects`.
        """

    def answer_part(self, text: str) -> str:
        """Return the part of what a student wrote in which the final answer is looked for."""
        return text

    @property
    def explains(self) -> bool:
        """Whether the target holds a rationale."""
        return False

    def before_answer(self, rationale: str) -> str | None:
        """Return what stands before the answer in a target of this reasoning.

        None where the answer does not come after a rationale.
        """
        del rationale
        return None

    def rejects(self, rationale: Rationale) -> str | None:
        """Return why `rationale` cannot be written in this format; None where it can."""
        del rationale
        return None

    @abstractmethod
    def examples(
        self, question: Question, rationales: Sequence[Rationale], architecture: Architecture
    ) -> list[Example]:
        """Return the training examples of one question; rejected rationales give none."""


def after_input(target: str, architecture: Architecture) -> str:
    """Return `target` as it follows the input: a decoder continues its prompt after a space."""
    return " " + target if architecture == "decoder" else target
