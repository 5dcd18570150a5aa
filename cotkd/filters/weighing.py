"""What filters that weigh rationales with a model share: whose answer, which rows together.

The answer that a rationale argues for is the one its teacher was given (`condition`), right or
wrong; of a rationale whose teacher was given none, the gold answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from cotkd.errors import DataError
from cotkd.questions.wrong import Wrong, wrong_answer, wrong_answers
from cotkd.types import Question, Rationale, Scorer

Pair = tuple[str, str]
"""A prompt and a text that follows it."""

_FLOOR = -1000.0
"""Stands for a log-probability of minus infinity, which no difference could be taken of."""

ROWS = 1024
"""Rationales weighed in one call of the scorer, if their questions end there."""


def together(rationales: Sequence[Rationale]) -> Iterator[list[Rationale]]:
    """Yield rationales question by question, some questions at a time.

    The rows of a question share their prompts, which a scorer then reads once.
    """
    by_question: dict[str, list[Rationale]] = {}
    for row in rationales:
        by_question.setdefault(row.question_id, []).append(row)
    some: list[Rationale] = []
    for rows in by_question.values():
        if some and len(some) + len(rows) > ROWS:
            yield some
            some = []
        some = [*some, *rows]
    if some:
        yield some


def question_of(row: Rationale, questions: Mapping[str, Question], kind: str) -> Question:
    """Return the question that a rationale answers, or say which filter lacks it."""
    question = questions.get(row.question_id)
    if question is None:
        raise DataError(
            f"filter {kind!r} needs question {row.question_id!r}: give the questions, "
            "select(…, questions=questions)"
        )
    return question


def argued(row: Rationale, question: Question) -> str:
    """Return the answer that a rationale argues for."""
    return question.answer if row.condition is None else row.condition


def others(
    row: Rationale, question: Question, kinds: Sequence[Wrong], *, draws: int, seed: int
) -> list[str]:
    """Return answers that a rationale does not argue for, without repeats.

    A rationale for a wrong answer has the gold one in place of other wrong ones.
    """
    answer = argued(row, question)
    found: list[str] = []
    for kind in kinds:
        if kind == "empty":
            found.append(wrong_answer(question, kind))
        elif answer != question.answer:
            found.append(question.answer)
        else:
            found += wrong_answers(question, draws, kind=kind, seed=seed)
    return list(dict.fromkeys(found))


def log_probabilities(scorer: Scorer, pairs: Iterable[Pair]) -> dict[Pair, list[float]]:
    """Return the log-probability of every token of each text, scoring equal pairs once."""
    asked = list(dict.fromkeys(pairs))
    values = scorer.score([prompt for prompt, _ in asked], [text for _, text in asked])
    return {
        pair: [max(value, _FLOOR) for value in found]
        for pair, found in zip(asked, values, strict=True)
    }
