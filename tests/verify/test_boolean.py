"""Yes and no are read where they are the answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.verify import verify


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("#### yes", "yes"),
        ("So the answer is no.", "no"),
        ("The answer is **True**.", "yes"),
        ("The answer is not true.", "no"),
        ('{"answer": "No"}', "no"),
        ('{"answer": false}', "no"),
        ("No, she has 5.", "no"),
        ("She has 5. Yes.", "yes"),
        ("Yes, there are no eggs left.", "yes"),
        ("First yes, but then: no.", "no"),
        ("That is false", "no"),
        ("so it would not be true", "no"),
        ("That cannot be true.", "no"),
        ("So it isn't true.", "no"),
        ("So it would not be false.", "yes"),
        ("It would be true", "yes"),
    ],
)
def test_answers_in_sentences_are_read(text: str, answer: str) -> None:
    assert verify(text, answer, "boolean").extracted == answer
    assert verify(text, answer, "boolean").status == "correct"
    assert verify(text, "no" if answer == "yes" else "yes", "boolean").status == "wrong"


@pytest.mark.parametrize("text", ["", "There are no eggs left", "I know nothing", "She yessed"])
def test_text_without_a_yes_or_no_is_unparsed(text: str) -> None:
    assert verify(text, "no", "boolean").status == "unparsed"


@pytest.mark.parametrize(
    ("gold", "answer"), [("True", "yes"), ("false", "no"), ("Yes", "yes"), ("…\n#### no", "no")]
)
def test_gold_answers_may_be_spelt_as_words_or_booleans(gold: str, answer: str) -> None:
    assert verify(f"#### {answer}", gold, "boolean").status == "correct"


@given(st.text(st.characters(codec=None)), st.text(st.characters(codec=None)))
def test_any_two_texts_have_a_verdict(text: str, gold: str) -> None:
    assert verify(text, gold, "boolean").to_json()
