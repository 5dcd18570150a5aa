"""Thinking traces and answers are told apart, however the text was cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.decoding.thinking import TAGS, split_thinking

WORDS = st.text(st.sampled_from("ab 12=\n"), max_size=20)


@pytest.mark.parametrize(
    ("text", "trace", "answer"),
    [
        ("<think>\n3*4=12\n</think>\n\n#### 12", "3*4=12", "#### 12"),
        ("\n<think>a</think>b", "a", "b"),
        ("3*4=12\n</think>\n\n#### 12", "3*4=12", "#### 12"),
        ("<think>3*4=", "3*4=", ""),
        ("<think>", None, ""),
        ("<think>\n\n</think>\n\n#### 12", None, "#### 12"),
        ("</think>#### 12", None, "#### 12"),
        ("3*4=12\n#### 12", None, "3*4=12\n#### 12"),
        (" leading blank", None, " leading blank"),
        ("", None, ""),
        ("Sure. <think>a</think> b", "a", "Sure.  b"),
        ("the tag <think> is a word", None, "the tag <think> is a word"),
        ("<think>a</think>b</think>c", "a", "b</think>c"),
        ("<think>a</think>b<think>c", "a", "b<think>c"),
        ("<think>I write [THINK] here</think>b", "I write [THINK] here", "b"),
    ],
)
def test_the_trace_and_the_answer(text, trace, answer):
    assert split_thinking(text) == (trace, answer)


@pytest.mark.parametrize(("opening", "closing"), TAGS)
@given(trace=WORDS, answer=WORDS)
def test_the_marks_of_every_family_are_read(opening, closing, trace, answer):
    expected = (trace.strip() or None, answer.lstrip())
    assert split_thinking(f"{opening}{trace}{closing}{answer}") == expected
    assert split_thinking(f"{trace}{closing}{answer}") == expected
    assert split_thinking(opening + trace) == (trace.strip() or None, "")


@given(WORDS)
def test_a_text_without_marks_is_an_answer_to_the_letter(text):
    assert split_thinking(text) == (None, text)


@given(WORDS)
def test_a_text_cut_off_in_an_opened_trace_is_all_trace(text):
    assert split_thinking(text, opened=True) == (text.strip() or None, "")
    assert split_thinking("<think>" + text, opened=True) == (text.strip() or None, "")


@given(st.lists(st.sampled_from([mark for pair in TAGS for mark in pair] + ["X ", "\n"])))
def test_no_word_is_lost_or_doubled_whatever_the_marks(parts):
    text = "".join(parts)
    trace, answer = split_thinking(text)
    assert ((trace or "") + answer).count("X") == text.count("X")
