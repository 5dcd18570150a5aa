r"""Asking a student in turns: many questions at once, each as many turns as it needs.

dialogues(student, prompting, questions, 64)     [["How many …?\nHow …?", "3*4=12", …], …], as text
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from cotkd.asking.prompting import Prompting, Turn
from cotkd.decoding.generation import Generation
from cotkd.decoding.sampling import Sampling
from cotkd.types import Question

if TYPE_CHECKING:
    from cotkd.students.conversation import Calls, Conversation
    from cotkd.students.student import Student

    Talk = Calls | Conversation

AT_ONCE = 128
"""Questions whose dialogues are held at the same time, with what the models have read of them."""


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
    """Return all replies to each question, from its first turn to its last.

    Turns of a question that the same weights answer follow each other without waiting for other
    questions, where the model can keep what it has read (`Prompting.converses`).

    Args:
        student: Who is asked.
        prompting: Says what comes next.
        questions: What is asked.
        max_tokens: Most tokens of a reply.
        at_once: Dialogues held at the same time, where what was read is kept.
        sampling: How tokens are drawn; None: greedily, as everything that `converses`.
        seeds: One for each question, where tokens are drawn.
    """
    from cotkd.students.conversation import Calls, Conversation

    assert not (prompting.converses and sampling), "what keeps what it read is refused before"
    talk: Talk = Calls(student, max_tokens=max_tokens, sampling=sampling, seeds=seeds)
    if prompting.converses:
        talk = Conversation(student, max_tokens=max_tokens, at_once=at_once)

    def turn(place: int, said: Sequence[Generation]) -> Turn | None:
        texts = [reply.text for reply in said]
        return prompting.turn(questions[place], texts, student.architecture)

    return _held(talk, turn, len(questions))


def replies_to(student: Student, turns: Sequence[Turn], max_tokens: int) -> list[str]:
    """Return the greedy reply to each turn on its own; those that begin alike share batches."""
    from cotkd.students.conversation import Calls

    talk = Calls(student, max_tokens=max_tokens)
    said = _held(talk, lambda place, said: None if said else turns[place], len(turns))
    return [reply.text for (reply,) in said]


def _held(
    talk: Talk, turn: Callable[[int, Sequence[Generation]], Turn | None], count: int
) -> list[list[Generation]]:
    """Return the replies of so many dialogues; `turn` says what comes next in each."""
    said: list[list[Generation]] = [[] for _ in range(count)]
    first = ((place, turn(place, ())) for place in range(count))
    waiting = {place: asked for place, asked in first if asked is not None}
    while waiting:
        lead = next(iter(waiting.values()))
        alike = {place: asked for place, asked in waiting.items() if talk.follows(asked, lead)}

        def follow(place: int, reply: Generation, lead: Turn = lead) -> str | None:
            """Take note of a reply; return the next prompt, or it waits for other weights."""
            said[place].append(reply)
            asked = turn(place, said[place])
            if asked is None:
                return None
            if talk.follows(asked, lead):
                return asked.prompt
            waiting[place] = asked
            return None

        for place in alike:
            del waiting[place]
        prompts = {place: asked.prompt for place, asked in alike.items()}
        talk(prompts, follow, opening=lead.opening, task=lead.task)
    return said


def joined(prompting: Prompting, question: Question, replies: Sequence[Generation]) -> Generation:
    """Return the replies of a dialogue as one: its transcript, and what it took to write it."""
    ends = [reply.finish_reason for reply in replies]
    logprobs = [reply.logprob for reply in replies if reply.logprob is not None]
    return Generation(
        prompting.transcript(question, [reply.text for reply in replies]),
        finish_reason="error" if "error" in ends else "length" if "length" in ends else "stop",
        prompt_tokens=sum(reply.prompt_tokens for reply in replies),
        completion_tokens=sum(reply.tokens for reply in replies),
        logprob=sum(logprobs) if len(logprobs) == len(replies) else None,
        error=next((reply.error for reply in replies if reply.error is not None), None),
    )
