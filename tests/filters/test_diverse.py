"""The most different rationales of each question stay."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.filters.distance import distance, tokens
from cotkd.filters.diverse import Diverse, spread
from tests.filters.rows import TEXTS, rationale

TWO = "So <<3*4=12>>12 and <<12-2=10>>10."
SAME = "Well, <<3*4=12>>12 eggs; <<12-2=10>>10 are left."
NEAR = "So <<3*4=12>>12 and <<12/2=6>>6."
FAR = "So <<20+5=25>>25 and <<25-15=10>>10."


@pytest.mark.parametrize(
    ("texts", "keep", "chosen"),
    [
        ([TWO, SAME, NEAR, FAR], 1, [0]),
        ([TWO, SAME, NEAR, FAR], 2, [0, 3]),
        ([TWO, SAME, NEAR, FAR], 3, [0, 3, 2]),
        ([TWO, SAME, NEAR, FAR], 9, [0, 3, 2, 1]),
        ([TWO, SAME, SAME], 2, [0, 1]),
        ([], 2, []),
    ],
)
def test_the_first_and_then_the_farthest_are_chosen(
    texts: list[str], keep: int, chosen: list[int]
) -> None:
    assert spread(texts, keep) == chosen


@given(st.lists(st.sampled_from(TEXTS), max_size=7), st.integers(1, 7))
def test_no_text_left_out_is_farther_than_the_last_one_chosen(texts: list[str], keep: int) -> None:
    chosen = spread(texts, keep)
    assert len(set(chosen)) == len(chosen) == min(keep, len(texts))
    compared = [tokens(text) for text in texts]
    for count in range(1, len(chosen)):
        near = {
            at: min(distance(compared[at], compared[one]) for one in chosen[:count])
            for at in range(len(texts))
            if at not in chosen[:count]
        }
        assert near[chosen[count]] == max(near.values())
        assert chosen[count] == next(at for at in near if near[at] == near[chosen[count]])


def test_questions_are_apart_and_the_order_stays() -> None:
    texts = itertools.product([TWO, SAME, FAR], ["q1", "q2"])
    rows = [rationale(text, question=q, sample=at) for at, (text, q) in enumerate(texts)]
    dropped = Diverse(keep=2).drop(rows, {})
    assert [key.sample_index for key in dropped] == [2, 3]
    assert set(dropped.values()) == {"less different than 2 others"}
