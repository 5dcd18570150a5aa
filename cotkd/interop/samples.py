"""Samples of other tools become our questions and completions.

    questions, completions = adopt(Distilabel().read(Path("rows.jsonl")), "distilabel")

A question is told by its text: rows of one text are its samples, in their order. Without given
questions it is named after its text, so that the same import twice gives the same ids.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from cotkd.errors import DataError
from cotkd.interop.imports.base import Recorded
from cotkd.questions.solution import split_solution
from cotkd.rationales.message import joined
from cotkd.rationales.trace import split_trace
from cotkd.store.fingerprint import fingerprint, stream_id
from cotkd.types import Completion, Question

OnUnmatched = Literal["error", "skip"]

log = logging.getLogger(__name__)


class Adopted(NamedTuple):
    """What an import gives."""

    questions: list[Question]
    completions: list[Completion]


def adopt(
    recorded: Iterable[Recorded],
    kind: str,
    *,
    questions: Sequence[Question] | None = None,
    on_unmatched: OnUnmatched = "error",
) -> Adopted:
    """Return the questions and completions of recorded samples.

    Args:
        recorded: Samples in their order.
        kind: The tool they come from; written to every row as its `elicitation`.
        questions: The questions that were asked, with their gold answers; None makes them of the
            rows, which then need gold answers.
        on_unmatched: Whether a row without gold answer or of another question ends the import or is
            left out and counted.

    Raises:
        DataError: there is no sample, or a row that cannot be used; names file and line.
    """
    known = _Questions(questions, kind)
    completions: list[Completion] = []
    numbers: Counter[tuple[str, str]] = Counter()
    bad: list[str] = []
    for one in recorded:
        try:
            question = known.of(one)
        except DataError as error:
            if on_unmatched == "error":
                raise
            bad.append(str(error))
            continue
        stream = stream_id(one.teacher, {"kind": kind}, None, {})
        completions.append(_completion(one, question, stream, numbers[question.id, stream], kind))
        numbers[question.id, stream] += 1
    if bad:
        log.warning("%d rows were left out, the first: %s", len(bad), bad[0])
    if not completions:
        raise DataError(f"no sample to import{f': {bad[0]}' if bad else ''}")
    return Adopted(list(known.found.values()), completions)


class _Questions:
    """The questions of an import, by their text."""

    def __init__(self, given: Sequence[Question] | None, kind: str) -> None:
        self.found: dict[str, Question] = {}
        self._kind = kind
        self._given = None if given is None else {_words(q.text): q for q in given}

    def of(self, one: Recorded) -> Question:
        """Return the question of a sample."""
        words = _words(one.question)
        if self._given is not None:
            if words not in self._given:
                raise DataError(
                    f"{one.where}: its question is not among the given ones "
                    f"({one.question[:60]!r}…): pass --on-unmatched skip to leave such rows out"
                )
            return self.found.setdefault(words, self._given[words])
        made = _made(one, self._kind, words)
        question = self.found.setdefault(words, made)
        if question.answer != made.answer:
            raise DataError(
                f"{one.where}: gold answer {made.answer!r}, but {question.answer!r} before, of one "
                "question"
            )
        return question


def _made(one: Recorded, kind: str, words: str) -> Question:
    if one.gold is None or not one.gold.strip():
        raise DataError(
            f"{one.where}: no gold answer: set --from.answer-field, or give the questions that "
            "were asked with --questions"
        )
    solution = split_solution(one.gold)
    return Question(
        id=f"{kind}-{fingerprint(words)}",
        text=one.question.strip(),
        answer=solution.answer,
        rationale=solution.rationale,
        steps=solution.steps,
        source=kind,
    )


def _completion(
    one: Recorded, question: Question, stream: str, index: int, kind: str
) -> Completion:
    trace = split_trace(one.text)
    return Completion(
        question_id=question.id,
        stream=stream,
        sample_index=index,
        text=trace.answer,
        finish_reason=one.finish_reason,
        teacher=one.teacher,
        elicitation=kind,
        prompt_tokens=one.prompt_tokens,
        completion_tokens=one.completion_tokens,
        reasoning=joined(one.reasoning, trace.reasoning),
        error=one.error,
    )


def _words(text: str) -> str:
    return " ".join(text.split())


def by_stream(completions: Iterable[Completion]) -> Mapping[str, list[Completion]]:
    """Return completions by their stream, each of which is a file."""
    streams: dict[str, list[Completion]] = {}
    for row in completions:
        streams.setdefault(row.stream, []).append(row)
    return streams
