"""Asking a student in turns: all questions of a round at once, as many rounds as the longest needs.

converse(student, method, questions, max_tokens)     [["How many …?\nHow …?", "3*4=12", …], …]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from cotkd.errors import SettingError
from cotkd.methods.base import Method, Turn
from cotkd.teachers.sampling import Sampling
from cotkd.types import Question

if TYPE_CHECKING:
    from cotkd.students.load import Student
    from cotkd.teachers.generation import Generation


AT_ONCE = 128
"""Questions whose dialogues are held at the same time, with what the models have read of them."""

Ask = Callable[[Mapping[int, str], str | None, str], "list[Generation]"]


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
    said = dialogues(student, method, questions, max_tokens, head, at_once=at_once)
    return [[reply.text for reply in replies] for replies in said]


def dialogues(
    student: Student,
    method: Method,
    questions: Sequence[Question],
    max_tokens: int,
    head: str | None = None,
    *,
    at_once: int = AT_ONCE,
    sampling: Sampling | None = None,
    seeds: Sequence[int] | None = None,
) -> list[list[Generation]]:
    """Return what `converse` does, each reply with its tokens, and drawn where `sampling` says so.

    Raises:
        SettingError: replies are to be drawn in a dialogue that keeps what it has read.
    """
    from cotkd.students.conversation import Conversation

    if not method.converses:

        def alone(prompts: Mapping[int, str], task: str | None, opening: str) -> list[Generation]:
            return student.generate(
                list(prompts.values()),
                max_tokens=max_tokens,
                opening=opening,
                task=task,
                sampling=sampling,
                seeds=None if seeds is None else [seeds[place] for place in prompts],
            )

        return _rounds(student, method, questions, head, alone)
    if sampling is not None:
        raise SettingError(
            f"method {method.kind} asks its student in turns, which are answered greedily: "
            "no answers can be drawn, set evaluation.samples to 0"
        )
    order = sorted(range(len(questions)), key=lambda place: len(questions[place].text))
    said: dict[int, list[Generation]] = {}
    for start in range(0, len(order), at_once):
        places = order[start : start + at_once]
        talk = Conversation(student)

        def further(
            prompts: Mapping[int, str],
            task: str | None,
            opening: str,
            talk: Conversation = talk,
        ) -> list[Generation]:
            found = talk.ask(prompts, max_tokens=max_tokens, opening=opening, task=task)
            return [found[row] for row in prompts]

        held = [questions[place] for place in places]
        said |= zip(places, _rounds(student, method, held, head, further), strict=True)
    return [said[place] for place in range(len(questions))]


def _rounds(
    student: Student, method: Method, questions: Sequence[Question], head: str | None, ask: Ask
) -> list[list[Generation]]:
    """Return all replies to each question: a call for each kind of turn in every round."""
    said: list[list[Generation]] = [[] for _ in questions]
    going: Sequence[int] = range(len(questions))
    while going:
        turns: dict[int, Turn] = {}
        for place in going:
            texts = [reply.text for reply in said[place]]
            turn = method.turn(questions[place], texts, student.architecture, head)
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
