r"""Asking a student in turns: many questions at once, each as many turns as it needs.

converse(student, prompting, questions, max_tokens)     [["How many …?\nHow …?", "3*4=12", …], …]
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from cotkd.asking.prompting import Prompting, Turn
from cotkd.decoding.generation import FinishReason, Generation
from cotkd.decoding.sampling import Sampling
from cotkd.types import Question

if TYPE_CHECKING:
    from cotkd.students.student import Student

AT_ONCE = 128
"""Questions whose dialogues are held at the same time, with what the models have read of them."""
_ENDS: tuple[FinishReason, ...] = ("error", "length")
"""What a reply says of how the whole dialogue ended, the worst first."""


def converse(
    student: Student,
    prompting: Prompting,
    questions: Sequence[Question],
    max_tokens: int,
    *,
    at_once: int = AT_ONCE,
) -> list[list[str]]:
    """Return all replies to each question, greedily, from its first turn to its last.

    Turns of a question that the same weights answer follow each other without waiting for other
    questions, where the model can keep what it has read (`Prompting.converses`).

    Args:
        student: Who is asked.
        prompting: Says what comes next.
        questions: What is asked.
        max_tokens: Most tokens of a reply.
        at_once: Dialogues held at the same time, where what was read is kept.
    """
    said = dialogues(student, prompting, questions, max_tokens, at_once=at_once)
    return [[reply.text for reply in replies] for replies in said]


def dialogues(
    student: Student,
    prompting: Prompting,
    questions: Sequence[Question],
    max_tokens: int,
    *,
    at_once: int = AT_ONCE,
    sampling: Sampling | None = None,
    seeds: Sequence[int] | None = None,
) -> list[list[Generation]]:
    """Return what `converse` does, each reply with its tokens, and drawn where `sampling` says so.

    A dialogue that keeps what it has read is greedy: whoever draws refuses it before.
    """
    from cotkd.students.conversation import Calls, Conversation

    assert not (prompting.converses and sampling), "replies that are kept are not drawn"
    talk: Calls | Conversation = Calls(
        student, max_tokens=max_tokens, sampling=sampling, seeds=seeds
    )
    if prompting.converses:
        talk = Conversation(student, max_tokens=max_tokens, at_once=at_once)
    said: list[list[Generation]] = [[] for _ in questions]

    def turn(place: int) -> Turn | None:
        texts = [reply.text for reply in said[place]]
        return prompting.turn(questions[place], texts, student.architecture)

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


def replies_to(student: Student, turns: Sequence[Turn], max_tokens: int) -> list[str]:
    """Return the greedy reply to each turn on its own; turns that begin alike share batches."""
    alike: dict[tuple[str | None, str], list[int]] = {}
    for place, turn in enumerate(turns):
        alike.setdefault((turn.task, turn.opening), []).append(place)
    texts = [""] * len(turns)
    for (task, opening), places in alike.items():
        prompts = [turns[place].prompt for place in places]
        made = student.generate(prompts, max_tokens=max_tokens, opening=opening, task=task)
        for place, one in zip(places, made, strict=True):
            texts[place] = one.text
    return texts


def joined(prompting: Prompting, question: Question, replies: Sequence[Generation]) -> Generation:
    """Return the replies of a dialogue as one: its transcript, and what it took to write it."""
    ends = [reply.finish_reason for reply in replies]
    logprobs = [reply.logprob for reply in replies if reply.logprob is not None]
    return Generation(
        prompting.transcript(question, [reply.text for reply in replies]),
        finish_reason=next((end for end in _ENDS if end in ends), "stop"),
        prompt_tokens=sum(reply.prompt_tokens for reply in replies),
        completion_tokens=sum(reply.tokens for reply in replies),
        logprob=sum(logprobs) if len(logprobs) == len(replies) else None,
        error=next((reply.error for reply in replies if reply.error is not None), None),
    )
