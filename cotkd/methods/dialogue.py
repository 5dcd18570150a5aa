"""Asking a student in turns: all questions of a round at once, as many rounds as the longest needs.

converse(student, method, questions, max_tokens)     [["How many …?\nHow …?", "3*4=12", …], …]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from cotkd.methods.base import Method, Turn
from cotkd.types import Question

if TYPE_CHECKING:
    from cotkd.students.load import Student


AT_ONCE = 128
"""Questions whose dialogues are held at the same time, with what the models have read of them."""

Ask = Callable[[Mapping[int, str], str | None, str], list[str]]


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

    Args:
        student: Who is asked.
        method: Says what comes next (`Method.turn`).
        questions: What is asked.
        max_tokens: Most tokens of a reply.
        head: What the student is asked for; None is the main head.
        at_once: Dialogues held at the same time, where what was read is kept.
    """
    from cotkd.students.conversation import Conversation

    if not method.converses:

        def alone(prompts: Mapping[int, str], task: str | None, opening: str) -> list[str]:
            texts = list(prompts.values())
            replies = student.generate(texts, max_tokens=max_tokens, opening=opening, task=task)
            return [reply.text for reply in replies]

        return _rounds(student, method, questions, head, alone)
    order = sorted(range(len(questions)), key=lambda place: len(questions[place].text))
    said: dict[int, list[str]] = {}
    for start in range(0, len(order), at_once):
        places = order[start : start + at_once]
        talk = Conversation(student)

        def further(
            prompts: Mapping[int, str],
            task: str | None,
            opening: str,
            talk: Conversation = talk,
        ) -> list[str]:
            found = talk.ask(prompts, max_tokens=max_tokens, opening=opening, task=task)
            return [found[row].text for row in prompts]

        held = [questions[place] for place in places]
        said |= zip(places, _rounds(student, method, held, head, further), strict=True)
    return [said[place] for place in range(len(questions))]


def _rounds(
    student: Student, method: Method, questions: Sequence[Question], head: str | None, ask: Ask
) -> list[list[str]]:
    """Return all replies to each question: a call for each kind of turn in every round."""
    said: list[list[str]] = [[] for _ in questions]
    going: Sequence[int] = range(len(questions))
    while going:
        turns: dict[int, Turn] = {}
        for place in going:
            turn = method.turn(questions[place], said[place], student.architecture, head)
            if turn is not None:
                turns[place] = turn
        for (task, opening), places in _alike(turns).items():
            replies = ask({place: turns[place].prompt for place in places}, task, opening)
            for place, reply in zip(places, replies, strict=True):
                said[place].append(reply)
        going = list(turns)
    return said


def _alike(turns: dict[int, Turn]) -> dict[tuple[str | None, str], list[int]]:
    """Return the questions whose turns go to the same weights with the same opening."""
    groups: dict[tuple[str | None, str], list[int]] = {}
    for place, turn in turns.items():
        groups.setdefault((turn.task, turn.opening), []).append(place)
    return groups
