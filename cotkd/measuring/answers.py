"""Who answers: a student as it was trained to be asked, or a teacher that is told no answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from cotkd.asking.dialogue import dialogues, joined
from cotkd.asking.prompting import Prompting
from cotkd.decoding.sampling import Sampling
from cotkd.evaluation.run import Answer
from cotkd.teachers.base import Engine
from cotkd.teachers.elicitation import Elicitation, Plain
from cotkd.teachers.sample import sample
from cotkd.types import Question

if TYPE_CHECKING:
    from cotkd.students.student import Student


Answerer = Callable[[Sequence[Question]], list[Answer]]


def student_answers(
    student: Student, prompting: Prompting, max_tokens: int
) -> Callable[[Sequence[Question]], list[str]]:
    """Return a callable that answers questions greedily, as the student was trained to be asked."""
    answer = student_replies(student, prompting, max_tokens)
    return lambda questions: [reply.text for reply in answer(questions)]


def student_replies(
    student: Student,
    prompting: Prompting,
    max_tokens: int,
    *,
    sampling: Sampling | None = None,
    seed: Callable[[Question], int] | None = None,
) -> Answerer:
    """Return what `student_answers` does, each answer with what it took to write it.

    With `sampling` answers are drawn, that to each question from its `seed`.
    """

    def answer(questions: Sequence[Question]) -> list[Answer]:
        seeds = None if seed is None else [seed(question) for question in questions]
        said = dialogues(student, prompting, questions, max_tokens, sampling=sampling, seeds=seeds)
        found = []
        for question, replies in zip(questions, said, strict=True):
            one = joined(prompting, question, replies)
            # greedy answers are kept without: nobody needs it, and its last digits differ
            logprob = None if sampling is None else one.logprob
            trace = tuple(reply.text for reply in replies) if len(replies) > 1 else None
            found.append(Answer(one.text, one.tokens, one.finish_reason, logprob, trace))
        return found

    return answer


def teacher_answers(engine: Engine, elicitation: Elicitation, max_tokens: int) -> Answerer:
    """Return a callable that answers questions greedily, asked as for its rationales.

    What states the answer is no way of being asked for it: then the question alone is put.
    """
    unaided = elicitation.stages[0]
    if unaided.conditioned:
        unaided = Plain()

    def answer(questions: Sequence[Question]) -> list[Answer]:
        greedy = Sampling(temperature=0.0, max_tokens=max_tokens)
        rows = sample(questions, engine, n=1, sampling=greedy, elicitation=unaided)
        return [Answer(row.text, row.completion_tokens, row.finish_reason) for row in rows]

    return answer
