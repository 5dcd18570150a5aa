"""Asking a student in turns: all questions of a round at once, as many rounds as the longest needs.

converse(student, method, questions, max_tokens)     [["How many …?\\nHow …?", "3*4=12", …], …]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cotkd.methods.base import Method, Turn
from cotkd.types import Question

if TYPE_CHECKING:
    from cotkd.students.load import Student


def converse(
    student: Student,
    method: Method,
    questions: Sequence[Question],
    max_tokens: int,
    head: str | None = None,
) -> list[list[str]]:
    """Return all replies to each question, greedily, from its first turn to its last.

    Args:
        student: Who is asked.
        method: Says what comes next (`Method.turn`).
        questions: What is asked.
        max_tokens: Most tokens of a reply.
        head: What the student is asked for; None is the main head.
    """
    said: list[list[str]] = [[] for _ in questions]
    open_ = list(range(len(questions)))
    while open_:
        turns: dict[int, Turn] = {}
        for place in open_:
            turn = method.turn(questions[place], said[place], student.architecture, head)
            if turn is not None:
                turns[place] = turn
        for (task, opening), places in _alike(turns).items():
            prompts = [turns[place].prompt for place in places]
            replies = student.generate(prompts, max_tokens=max_tokens, opening=opening, task=task)
            for place, reply in zip(places, replies, strict=True):
                said[place].append(reply.text)
        open_ = list(turns)
    return said


def _alike(turns: dict[int, Turn]) -> dict[tuple[str | None, str], list[int]]:
    """Return the questions whose turns go to the same weights with the same opening."""
    groups: dict[tuple[str | None, str], list[int]] = {}
    for place, turn in turns.items():
        groups.setdefault((turn.task, turn.opening), []).append(place)
    return groups
