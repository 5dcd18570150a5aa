"""What stands in an evaluation suite is found in training texts, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.filters.overlap import Index, Overlap, overlaps
from cotkd.types import Question

DUCKS = (
    "Janet’s ducks lay 16 eggs per day. She eats three for breakfast every morning and bakes "
    "muffins for her friends every day with four."
)
BRIEF = "Ann has three boxes of four eggs."
TINY = "What is 2 + 2?"
GOLD = "She eats 3 + 4 = <<3+4=7>>7 of the eggs that the ducks lay every day. Then 9 are left."
SUITES = {
    "gsm8k": [Question(id="g1", text=DUCKS, answer="18", rationale=GOLD)],
    "mine": [Question(id="m1", text=BRIEF + " Really?", answer="12")],
    "toy": [Question(id="t1", text=TINY, answer="4")],
}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (DUCKS, ("gsm8k", "g1")),
        (DUCKS.upper().replace(",", " -- "), ("gsm8k", "g1")),
        ("So: " + " ".join(DUCKS.split()[5:18]) + " and so on.", ("gsm8k", "g1")),
        (" ".join(DUCKS.split()[5:17]), None),
        (DUCKS.replace("16", "17").replace("three", "four").replace("muffins", "buns"), None),
        ("She eats 3 + 4 = 7 of the eggs that the ducks lay every day.", ("gsm8k", "g1")),
        ("Look: ann has THREE boxes of four eggs, really.", ("mine", "m1")),
        ("Ann has three boxes of five eggs, really.", None),
        ("what is 2+2", ("toy", "t1")),
        ("First, what is 2 + 2?", None),
        ("", None),
    ],
)
def test_overlaps(text: str, found: tuple[str, str] | None) -> None:
    assert overlaps([text], SUITES) == [None if found is None else Overlap(*found)]


def test_the_first_question_in_the_order_of_the_suites_is_named() -> None:
    assert overlaps([f"{BRIEF} Really? {DUCKS}"], SUITES) == [Overlap("gsm8k", "g1")]
    turned = dict(reversed(SUITES.items()))
    assert overlaps([f"{BRIEF} Really? {DUCKS}"], turned) == [Overlap("mine", "m1")]


def test_empty_suites_overlap_with_nothing() -> None:
    assert overlaps([DUCKS], {}) == [None]
    assert overlaps([DUCKS], {"x": [Question(id="1", text="", answer="")]}) == [None]


WORDS = st.lists(st.sampled_from("abcd"), max_size=30)


@given(WORDS, WORDS, st.integers(8, 13))
def test_an_overlap_is_a_run_of_n_words_that_both_have(
    asked: list[str], said: list[str], n: int
) -> None:
    size = min(n, len(asked))
    runs = {tuple(asked[at : at + size]) for at in range(len(asked) - size + 1)}
    shared = any(tuple(said[at : at + size]) in runs for at in range(len(said) - size + 1))
    expected = shared if size >= 8 else bool(asked) and asked == said
    question = Question(id="1", text=" ".join(asked), answer="")
    assert (Index({"s": [question]}, n=n).find(" ".join(said)) is not None) == expected
