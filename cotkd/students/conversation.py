r"""Asking a student in turns, many rows at once: each model keeps what it has read.

talk = Conversation(student, max_tokens=64, at_once=128)
talk({0: "P\nq1 **", 1: "R\nq1 **"}, lambda row, reply: None, task="solve")
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from cotkd.decoding.sampling import Sampling
from cotkd.students.lora import task_among

if TYPE_CHECKING:
    from cotkd.decoding.generation import Generation
    from cotkd.decoding.turns import Turns
    from cotkd.students.student import Student

Follow = Callable[[int, "Generation"], str | None]


class Asked(Protocol):
    """Whose weights a turn is for, and what an encoder–decoder is made to begin with."""

    @property
    def task(self) -> str | None:
        """The task."""

    @property
    def opening(self) -> str:
        """The opening."""


class Calls:
    """Turns whose prompts do not begin with those before: a call of the student for each round."""

    def __init__(
        self,
        student: Student,
        *,
        max_tokens: int,
        sampling: Sampling | None = None,
        seeds: Sequence[int] | None = None,
    ) -> None:
        self._student, self._max_tokens = student, max_tokens
        self._sampling, self._seeds = sampling, seeds

    def follows(self, turn: Asked, other: Asked) -> bool:
        """Return whether both turns are of one task, answered in the same way."""
        return (turn.task, turn.opening) == (other.task, other.opening)

    def __call__(
        self,
        prompts: Mapping[int, str],
        follow: Follow,
        *,
        opening: str = "",
        task: str | None = None,
    ) -> None:
        """Continue the prompt of each row, and what `follow` makes of its reply."""
        going = dict(prompts)
        while going:
            replies = self._student.generate(
                list(going.values()),
                max_tokens=self._max_tokens,
                opening=opening,
                task=task,
                sampling=self._sampling,
                seeds=None if self._seeds is None else [self._seeds[row] for row in going],
            )
            after = {row: follow(row, reply) for row, reply in zip(going, replies, strict=True)}
            going = {row: prompt for row, prompt in after.items() if prompt is not None}


class Conversation:
    """Turns, by row, with the models of one student."""

    def __init__(self, student: Student, *, max_tokens: int, at_once: int) -> None:
        self._student, self._at_once = student, at_once
        self._sampling = Sampling(temperature=0.0, max_tokens=max_tokens)
        self._turns: dict[Hashable, Turns] = {}

    def follows(self, turn: Asked, other: Asked) -> bool:
        """Return whether the same weights answer both turns, in the same way."""
        same = self._weights(turn.task) == self._weights(other.task)
        return same and turn.opening == other.opening

    def _weights(self, task: str | None) -> Hashable:
        student = self._student.part_for(task)
        own = task_among(task, student.members)
        model = student.model if own is None else student.members[own]
        return id(model), task_among(task, student.heads)

    def __call__(
        self,
        prompts: Mapping[int, str],
        follow: Follow,
        *,
        opening: str = "",
        task: str | None = None,
    ) -> None:
        """Continue the prompt of each row greedily, and what `follow` makes of its reply.

        Args:
            prompts: The first of each row.
            follow: Is told a row and its reply; returns its next prompt to the same weights.
            opening: What an encoder–decoder's reply is made to begin with.
            task: Whose weights are asked.
        """
        from cotkd.decoding.turns import Turns

        student = self._student.part_for(task)
        model = student.for_task(task)
        model.eval()
        key = self._weights(task)
        if key not in self._turns:
            self._turns[key] = Turns(model, student.tokenizer)
        self._turns[key](
            prompts,
            self._sampling,
            follow,
            opening=opening,
            at_once=self._at_once,
        )
