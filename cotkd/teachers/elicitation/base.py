"""How a question is put to a teacher: the prompt, and what comes after the first answer."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Literal

from cotkd.config import Choice
from cotkd.decoding.sampling import Sampling
from cotkd.teachers.base import Ability, Request
from cotkd.types import Question


class Elicitation(Choice):
    """A way of asking: the teacher is sent `first`, then `follow_up` unless that is None."""

    title: ClassVar[str] = ""
    """One line for lists."""
    conditioned: ClassVar[bool] = False
    """The prompt states an answer: the gold one, or another that `sample` is given."""
    needs: ClassVar[frozenset[Ability]] = frozenset()
    """What an engine must be able to do to be asked like this."""

    stop: tuple[str, ...] = ("\n\nQ:",)
    """Texts that end the teacher's answer: models that know no end go on with a new question."""

    @property
    def stages(self) -> tuple[Elicitation, ...]:
        """Ways of asking in turn: the next one for questions that those before did not get right.

        Each has a stream of its own, and its rows name it as their elicitation.
        """
        return (self,)

    @property
    def reasoning(self) -> Literal["answer", "trace"]:
        """What becomes the rationale: the reasoning of the answer text, or the thinking trace."""
        return "answer"

    @abstractmethod
    def first(self, question: Question, *, condition: str | None = None) -> str:
        """Return the prompt; `condition` is the answer that a conditioned prompt states."""

    def condition(self, question: Question) -> str:
        """Return the answer that a conditioned prompt states unless `sample` is given another."""
        return question.answer

    def request(
        self,
        question: Question,
        *,
        seed: int,
        sample_index: int = 0,
        condition: str | None = None,
        wrong: Mapping[str, str] | None = None,
    ) -> Request:
        """Return what the engine is sent; overridden where that is more than one prompt.

        Args:
            question: What is asked.
            seed: Of the sample.
            sample_index: Of the sample.
            condition: The answer that a conditioned prompt states.
            wrong: Wrong answers by question id, for ways of asking that hold one against another.
        """
        prompt = self.first(question, condition=condition)
        return Request(prompt, seed, question, sample_index)

    def follow_up(self, prompt: str, completion: str) -> str | None:
        """Return the prompt of a second call after `completion`, or None if there is none."""
        return None

    @property
    def follow_up_sampling(self) -> Sampling:
        """How the second call is decoded: greedily, and only as far as an answer reaches."""
        return Sampling(temperature=0.0, max_tokens=32, stop=("\n",))

    def join(self, completion: str, answer: str) -> str:
        """Return the completion of both calls as one text, as the teacher saw and wrote it."""
        return completion + answer
