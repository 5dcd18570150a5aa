r"""Asking a student in turns: many questions at once, each as many turns as it needs.

converse(student, method, questions, max_tokens)     [["How many …?\nHow …?", "3*4=12", …], …]
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from cotkd.methods.base import Method, Turn
from cotkd.types import Question

if TYPE_CHECKING:
    from cotkd.students.load import Student

AT_ONCE = 128
"""Questions whose dialogues are held at the same time, with what the models have read of them."""


def converse(
    student: Student,
    method: Method,
    questions: Sequence[Question],
    max_tokens: int,
    head: str | None = None,
    *,
    at_once: int = AT_ONCE,
) -> list[list[str]]:
    """Return all replies to each question, greedily, from its first turn to its last.

    Turns of a question that the same weights answer follow each other without waiting for other
    questions, where the model can keep what it has read (`Method.converses`).

    Args:
        student: Who is asked.
        method: Says what comes next (`Method.turn`).
        questions: What is asked.
        max_tokens: Most tokens of a reply.
        head: What the student is asked for; None is the main head.
        at_once: Dialogues held at the same time, where what was read is kept.
    """
    from cotkd.students.conversation import Calls, Conversation

    talk: Calls | Conversation = Calls(student, max_tokens=max_tokens)
    if method.converses:
        talk = Conversation(student, max_tokens=max_tokens, at_once=at_once)
    said: list[list[str]] = [[] for _ in questions]

    def turn(place: int) -> Turn | None:
        return method.turn(questions[place], said[place], student.architecture, head)

    first = {place: turn(place) for place in range(len(questions))}
    waiting = {place: asked for place, asked in first.items() if asked is not None}
    while waiting:
        lead = next(iter(waiting.values()))
        alike = {place: asked for place, asked in waiting.items() if talk.follows(asked, lead)}
        follow = _following(talk.follows, turn, lead, said, waiting)
        for place in alike:
            del waiting[place]
        prompts = {place: asked.prompt for place, asked in alike.items()}
        talk(prompts, follow, opening=lead.opening, task=lead.task)
    return said


def _following(
    follows: Callable[[Turn, Turn], bool],
    turn: Callable[[int], Turn | None],
    lead: Turn,
    said: list[list[str]],
    waiting: dict[int, Turn],
) -> Callable[[int, str], str | None]:
    """Return what takes note of a reply: the next prompt, or it waits for other weights."""

    def follow(place: int, reply: str) -> str | None:
        said[place].append(reply)
        asked = turn(place)
        if asked is None:
            return None
        if follows(asked, lead):
            return asked.prompt
        waiting[place] = asked
        return None

    return follow
