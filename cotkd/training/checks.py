"""What a student must be able to tell apart before it is trained on several tasks.

A tokenizer that does not know `<explain>` reads `<unk>` and may read the same for `<predict>`:
both tasks then look alike, and the student learns a mixture of them without a word of warning.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from cotkd.errors import SettingError
from cotkd.formats.tokenize import TokenizedExample
from cotkd.students.student import Student
from cotkd.types import Example


def check_tasks(
    student: Student, examples: Sequence[Example], tokenized: Sequence[TokenizedExample]
) -> None:
    """Raise `SettingError` where the tokenizer does not know a task's marker, or ties two of them.

    Tasks that are asked with the very same words are meant so.
    """
    if len({example.task for example in examples}) == 1:
        return
    _check_ties(student, examples, tokenized)
    _check_unknown(student, examples, tokenized)


def _check_ties(
    student: Student, examples: Sequence[Example], tokenized: Sequence[TokenizedExample]
) -> None:
    read: dict[tuple[int, ...], Example] = {}
    for example, ids in zip(examples, tokenized, strict=True):
        other = read.setdefault(tuple(ids.prompt), example)
        if other.task != example.task and other.input != example.input:
            raise SettingError(
                f"student {student.name!r}: its tokenizer reads the prompts of the tasks "
                f"{other.task!r} and {example.task!r} alike ({_start(other)} and "
                f"{_start(example)}): choose markers that it knows, or add them by student.markers"
            )


def _check_unknown(
    student: Student, examples: Sequence[Example], tokenized: Sequence[TokenizedExample]
) -> None:
    """Look for unknown tokens in what all prompts of a task begin or end with."""
    unknown = student.tokenizer.unk_token_id
    if unknown is None:
        return
    prompts: dict[str, set[tuple[int, ...]]] = {}
    for ids in tokenized:
        prompts.setdefault(ids.task, set()).add(tuple(ids.prompt))
    for task, own in prompts.items():
        marks = _common(own) | _common({prompt[::-1] for prompt in own})
        if len(own) > 1 and unknown in marks:
            first = next(example for example in examples if example.task == task)
            raise SettingError(
                f"student {student.name!r}: its tokenizer does not know the marker of the task "
                f"{task!r} (in {_start(first)}): choose one that it knows, or add it by "
                "student.markers"
            )


def _common(rows: set[tuple[int, ...]]) -> set[int]:
    """Return the ids that all rows begin with."""
    pairs = zip(min(rows), max(rows), strict=False)
    return {id for id, _ in takewhile(lambda pair: pair[0] == pair[1], pairs)}


def _start(example: Example) -> str:
    text = example.input
    return repr(text if len(text) <= 60 else f"{text[:30]}…{text[-30:]}")
