"""Edits are counted as the table of edits counts them, and distances compare calculations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.filters.distance import distance, edits, tokens

SHORT = st.text("abc", max_size=9)


def _by_table(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for at, token in enumerate(one, 1):
        diagonal, row[0] = row[0], at
        for column, found in enumerate(other, 1):
            best = min(row[column] + 1, row[column - 1] + 1, diagonal + (token != found))
            diagonal, row[column] = row[column], best
    return row[-1]


@given(SHORT, SHORT)
def test_edits_are_those_of_the_table(one: str, other: str) -> None:
    assert edits(one, other) == _by_table(one, other)


def test_sequences_longer_than_a_machine_word_are_compared_in_full() -> None:
    one, other = "ab" * 200, "ba" * 150 + "c"
    assert edits(one, other) == edits(other, one) == _by_table(one, other)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Ann has <<3*4=12>>12.", "In all <<3 * 4 = 12.0>>12 eggs.", 0),
        ("<<3*4=12>>12 <<12-2=10>>10", "<<3*4=12>>12 <<12/2=6>>6", 0.5),
        ("<<3*4=12>>12", "<<3*4=12>>12 <<12-2=10>>10", 0.5),
        ("<<3*4=12>>12", "<<4+8=12>>12", 1),
        ("a b c d", "a b x d", 0.25),
        ("", "", 0),
        ("", "a", 1),
    ],
)
def test_the_distance_is_the_share_of_edits(one: str, other: str, expected: float) -> None:
    assert distance(tokens(one), tokens(other)) == expected
    assert distance(tokens(other), tokens(one)) == expected
