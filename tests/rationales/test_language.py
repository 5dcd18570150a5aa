"""Every phrase of the table of languages states an answer, and none of them an English one."""

from __future__ import annotations

import pytest

from cotkd.rationales.language import FOREIGN, LANGUAGES, MEANING, Language, may_be_foreign
from cotkd.verify import verify

CODES = {"en", "es", "fr", "de", "ru", "zh", "ja", "th", "sw", "bn", "te", "pt", "ar", "hi"}


def test_the_languages_of_mgsm_and_three_more_are_there() -> None:
    assert {language.code for language in LANGUAGES} == CODES
    for language in FOREIGN:
        assert language.answer
        assert language.yes
        assert language.no
        assert language.option
        assert language.declines


@pytest.mark.parametrize("language", FOREIGN, ids=lambda language: language.code)
def test_every_noun_and_link_states_a_number(language: Language) -> None:
    blank = " " if language.spaced else ""
    for noun in language.answer:
        texts = [f"… 7 {noun}{blank}{link} 23. 9, 4." for link in language.links]
        for text in [*texts, f"… 7 {noun}: 23. 9, 4.", f"… 7 {noun.capitalize()}: 23. 9, 4."]:
            assert may_be_foreign(text)
            assert verify(text, "23").status == "correct", text


@pytest.mark.parametrize("language", FOREIGN, ids=lambda language: language.code)
def test_every_yes_and_no_is_read_behind_a_statement(language: Language) -> None:
    noun = language.answer[0]
    for gold, words in (("yes", language.yes), ("no", language.no)):
        for word in words:
            if word in MEANING:
                assert verify(f"{noun}: {word}.", gold, "boolean").status == "correct", word
                other = "no" if gold == "yes" else "yes"
                assert verify(f"{noun}: {word}.", other, "boolean").status == "wrong", word


@pytest.mark.parametrize("language", FOREIGN, ids=lambda language: language.code)
def test_every_word_may_stand_before_an_option(language: Language) -> None:
    noun = language.answer[0]
    for word in language.option:
        text = f"{noun}: {word}{' ' if language.spaced else ''}B."
        assert verify(text, "B", "choice").status == "correct", text


@pytest.mark.parametrize("language", FOREIGN, ids=lambda language: language.code)
def test_declining_is_no_number(language: Language) -> None:
    for phrase in language.declines:
        assert verify(f"3 … 5 {phrase}", "5").status == "wrong"
