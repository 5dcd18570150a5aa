"""Questions and rationales for the tests of formats, students and training."""

from __future__ import annotations

import random

from cotkd.types import Question, Rationale, Verdict

RIGHT = Verdict(status="correct")


def question(number: int = 0, **changes: object) -> Question:
    """Return a small question with a right gold answer."""
    draw = random.Random(number)
    first, second = draw.randint(2, 99), draw.randint(2, 9)
    values = {
        "id": f"q{number}",
        "text": f"Ann has {first} boxes of {second} eggs. How many eggs?",
        "answer": str(first * second),
        "rationale": f"In all she has {first}*{second}=<<{first}*{second}={first * second}>>"
        f"{first * second} eggs.",
    }
    return Question.model_validate(values | changes)


def rationale(of: Question, text: str | None = None, *, sample_index: int = 0) -> Rationale:
    """Return a rationale of a question, by default its gold one."""
    return Rationale(
        question_id=of.id,
        stream="s",
        sample_index=sample_index,
        text=text if text is not None else of.rationale or "",
        answer=of.answer,
        verdict=RIGHT,
        teacher="t",
        elicitation="plain",
    )
