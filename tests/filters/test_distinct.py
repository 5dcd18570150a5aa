"""Two rationales are the same when they calculate the same."""

from __future__ import annotations

import pytest

from cotkd.filters.distinct import Distinct
from tests.filters.rows import rationale


def _same(one: str, other: str, **settings: str) -> bool:
    rows = [rationale(one), rationale(other, sample=1)]
    return bool(Distinct.parse(settings).drop(rows, {}))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann has <<3*4=12>>12.", "In all <<3 * 4 = 12>>12 eggs"),
        ("<<3*4=12>>", "<<3*4=12.0>>"),
        ("<<3*400=1,200>>", "<<3*400=1200>>"),
        ("<<.5*4=2>>", "<<0.50*4=2>>"),
        ("<<3×4=12>>", "<<3*4=12>>"),
        ("3 bags * 4 apples = 12 apples", "In 7 days? 3 * 4 = 12."),
        ("She pays $3 × 4 = $12.", "<<3*4=12>>12 dollars"),
        ("So 3 times 4 is 12.", "Since 3 times 4 makes 12!"),
        ("Twelve, then.", "twelve  then"),
    ],
)
def test_wording_and_spelling_make_no_difference(one: str, other: str) -> None:
    assert _same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<<3*4=12>>", "<<4*3=12>>"),
        ("<<3*4=12>><<12+1=13>>", "<<12+1=13>><<3*4=12>>"),
        ("<<10*4=40>>", "<<1*4=40>>"),
        ("So 3 times 4.", "So 4 times 3."),
        ("3 * 4 = 12 and 12 + 1 = 13", "3 * 4 = 12"),
        ("Twelve", "A dozen"),
        ("<<3*4=12>>", "3 4 12"),
        ("", "12"),
    ],
)
def test_other_calculations_and_chains_without_annotations_stay(one: str, other: str) -> None:
    assert not _same(one, other)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("<<3*4=12>>", "<<4*3=12>>", True),
        ("<<1+2*3+4=11>>", "<<4+3*2+1=11>>", True),
        ("<<3-4=-1>>", "<<4-3=-1>>", False),
        ("<<12/4*2=6>>", "<<12/2*4=24>>", False),
        ("<<8/4*2=4>>", "<<8/2*4=4>>", False),
        ("<<9-1+2=10>>", "<<9-2+1=10>>", False),
    ],
)
def test_commuted_terms_are_the_same_only_where_asked_and_only_in_sums_and_products(
    one: str, other: str, same: bool
) -> None:
    assert _same(one, other, terms="commutative") == same
    assert not _same(one, other)


def test_the_first_of_each_question_stays() -> None:
    text = "<<3*4=12>>"
    rows = [rationale(text, question=q, sample=i) for i, q in enumerate(["q1", "q2", "q1", "q2"])]
    assert [key.sample_index for key in Distinct().drop(rows, {})] == [2, 3]
