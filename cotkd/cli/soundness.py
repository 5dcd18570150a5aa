"""What `cotkd check` looks for beside the verdicts: questions twice, signs a student cannot read.

findings(questions, student="google/flan-t5-small")
["2 of 6 questions repeat another one, word for word; the first: q4 is q1",
 "student google/flan-t5-small does not know 3.1 % of 840 tokens: '{' (12), '}' (12)"]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cotkd.questions.repeated import repeated
from cotkd.types import Question


def findings(questions: Sequence[Question], *, student: str | None = None) -> list[str]:
    """Return a line on each fault that is found.

    Args:
        questions: The questions, with golds and solutions.
        student: Name of a model whose tokenizer is tried on all texts; None tries none.

    Raises:
        SettingError: there is no such model.
        EngineError: its tokenizer cannot be read.
    """
    found = [repeated(questions), None if student is None else _unread(questions, student)]
    return [line for line in found if line is not None]


def _unread(questions: Sequence[Question], student: str) -> str | None:
    from cotkd.decoding.checkpoints import load_tokenizer
    from cotkd.students.signs import unknown_in

    texts = [text for question in questions for text in _texts(question)]
    found = unknown_in(load_tokenizer(student, of="student "), texts)
    if not found.unknown:
        return None
    return (
        f"student {student} does not know {100 * found.share:.2g} % of {found.tokens:,} tokens: "
        f"{found.named()}"
    )


def _texts(question: Question) -> Iterator[str]:
    yield question.text
    yield from question.choices or ()
    yield question.answer
    if question.rationale is not None:
        yield question.rationale
