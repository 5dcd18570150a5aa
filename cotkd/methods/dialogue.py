r"""Asking a student in turns: many questions at once, each as many turns as it needs.

converse(student, method, questions, max_tokens)     [["How many …?\nHow …?", "3*4=12", …], …]
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from cotkd.decoding.sampling import Sampling
from cotkd.errors import SettingError
from cotkd.evaluation.faithfulness import Conclude
from cotkd.methods.base import Method, Turn
from cotkd.types import Question

if TYPE_CHECKING:
    from cotkd.decoding.generation import Generation
    from cotkd.students.student import Student

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
    from cotkd.students.conversation import Calls, Conversation

    if method.converses and sampling is not None:
        raise SettingError(
            f"method {method.kind} asks its student in turns, which are answered greedily: "
            "no answers can be drawn, set evaluation.samples to 0"
        )
    talk: Calls | Conversation = Calls(
        student, max_tokens=max_tokens, sampling=sampling, seeds=seeds
    )
    if method.converses:
        talk = Conversation(student, max_tokens=max_tokens, at_once=at_once)
    said: list[list[Generation]] = [[] for _ in questions]

    def turn(place: int) -> Turn | None:
        texts = [reply.text for reply in said[place]]
        return method.turn(questions[place], texts, student.architecture, head)

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
    said: list[list[Generation]],
    waiting: dict[int, Turn],
) -> Callable[[int, Generation], str | None]:
    """Return what takes note of a reply: the next prompt, or it waits for other weights."""

    def follow(place: int, reply: Generation) -> str | None:
        said[place].append(reply)
        asked = turn(place)
        if asked is None:
            return None
        if follows(asked, lead):
            return asked.prompt
        waiting[place] = asked
        return None

    return follow


def concluding_turns(student: Student, method: Method, max_tokens: int) -> Conclude | None:
    """Return what has a student answer after given reasoning; None where no turn asks for that."""
    anything = Question(id="any", text="any", answer="any")
    if method.conclusion(anything, "", student.architecture) is None:
        return None

    def conclude(questions: Sequence[Question], rationales: Sequence[str]) -> list[str]:
        found = [
            method.conclusion(*each, student.architecture)
            for each in zip(questions, rationales, strict=True)
        ]
        turns = [turn for turn in found if turn is not None]
        if student.architecture == "decoder":
            prompts = [turn.prompt for turn in turns]
            replies = student.generate(prompts, max_tokens=max_tokens, task=turns[0].task)
            return [one.text for one in replies]
        return [
            one.text
            for turn in turns
            for one in student.generate(
                [turn.prompt], max_tokens=max_tokens, opening=turn.opening, task=turn.task
            )
        ]

    return conclude
