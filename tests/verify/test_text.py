"""Words are compared as words, signs as signs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.verify import verify


@pytest.mark.parametrize(
    ("text", "gold"),
    [
        ("So the answer is Valid.", "valid"),
        ("So the answer is **beth, kenya**.", "beth kenya"),
        ("#### ] ] ) }", "] ] ) }"),
        ("The answer is ] ] ) }.", "]])}"),
        ('{"answer": "Monsters, Inc"}', "monsters inc"),
        ("Monsters, Inc.", "Monsters, Inc"),
        ("The answer is caf\u00e9.", "cafe\u0301"),
        ("The answer is cafe\u0301.", "caf\u00e9"),
        ("Cafe\u0301", "caf\u00e9"),
    ],
)
def test_case_punctuation_and_spacing_make_no_difference(text: str, gold: str) -> None:
    assert verify(text, gold, "text").status == "correct"


@pytest.mark.parametrize(
    ("text", "gold", "status"),
    [
        ("The answer is invalid.", "valid", "wrong"),
        ("The answer is ] ) ].", "] ] )", "wrong"),
        ("The answer is kenya beth.", "beth kenya", "wrong"),
        ("First this,\nthen that", "that", "unparsed"),
        ("", "", "unparsed"),
        ("!", "", "unparsed"),
        ("", "valid", "unparsed"),
    ],
)
def test_other_words_are_wrong_and_no_statement_is_unparsed(
    text: str, gold: str, status: str
) -> None:
    assert verify(text, gold, "text").status == status


@given(st.text(st.characters(codec=None)), st.text(st.characters(codec=None)))
def test_any_two_texts_have_a_verdict_that_survives_json(text: str, gold: str) -> None:
    assert verify(text, gold, "text").to_json()
