"""Rationales for tests, and a strategy for whole sets of them."""

from __future__ import annotations

from hypothesis import strategies as st

from cotkd.types import Rationale
from cotkd.verify import verify


def rationale(text: str, answer: str = "12", *, question: str = "q1", sample: int = 0) -> Rationale:
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
)


@st.composite
def rationales(draw: st.DrawFn) -> list[Rationale]:
    """Rationales with distinct keys, to up to three questions."""
    drawn = draw(
        st.lists(
            st.tuples(
                st.sampled_from(TEXTS), st.sampled_from(["12", "13", "?"]), st.integers(1, 3)
            ),
            max_size=25,
        )
    )
    return [
        rationale(text, answer, question=f"q{number}", sample=index)
        for index, (text, answer, number) in enumerate(drawn)
    ]
