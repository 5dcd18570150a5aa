"""Rationales for tests, and a strategy for whole sets of them."""

from __future__ import annotations

import itertools
from functools import cache

from hypothesis import strategies as st

from cotkd.types import Question, Rationale
from cotkd.verify import verify


def rationale(
    text: str,
    answer: str = "12",
    *,
    question: str = "q1",
    sample: int = 0,
    told: str | None = None,
    cut: bool = False,
) -> Rationale:
    """Return a rationale to a question whose gold answer is 12."""
    return Rationale(
        question_id=question,
        stream="s",
        sample_index=sample,
        text=text,
        answer=answer,
        verdict=verify(f"#### {answer}", "12"),
        teacher="t",
        elicitation="plain",
        condition=told,
        scores={"truncated": 1.0} if cut else {},
    )


TEXTS = (
    "Ann has 3*4=<<3*4=12>>12 eggs.",
    "So 3 * 4 = <<3 * 4 = 12.0>>12.",
    "So 4 * 3 = <<4*3=12>>12.",
    "Wrong: <<3*4=13>>13, less one <<13-1=12>>12.",
    "Let x be <<x+2=14>>12.",
    "Ann has 3 times 4 eggs, 12.",
    "Three times four makes 12.",
    "Twelve.",
    "",
    "Since the answer is 12, Ann has 3 * 4 eggs.",
    "Three boxes of four eggs each make a dozen.\nSo 3 * 4 = <<3*4=12>>12.\nShe has 12 eggs.",
    "3 + 10 = <<3+10=13>>13 eggs.",
    "Every morning she eats three eggs for breakfast and bakes muffins for her friends with four.",
)
QUESTIONS = {
    "q1": Question(id="q1", text="Ann has three boxes of four eggs. How many eggs?", answer="12"),
    "q2": Question(id="q2", text="Ann has 3 boxes of 4 eggs. How many eggs?", answer="12"),
    "q3": Question(
        id="q3",
        text="Janet's ducks lay 16 eggs per day, of which she gives four away. How many are left?",
        answer="12",
    ),
}


_TRAITS = list(
    itertools.product(TEXTS, ["12", "13", "?"], QUESTIONS, [None, "12", "13"], [False, True])
)


@cache
def _kind(number: int) -> Rationale:
    text, answer, question, told, cut = _TRAITS[number]
    return rationale(text, answer, question=question, told=told, cut=cut)


@st.composite
def rationales(draw: st.DrawFn) -> list[Rationale]:
    """Rationales with distinct keys, to up to three questions."""
    numbers = draw(st.lists(st.integers(0, len(_TRAITS) - 1), max_size=25))
    return [
        _kind(number).model_copy(update={"sample_index": index})
        for index, number in enumerate(numbers)
    ]
