"""Only the answer to the question at hand is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.rationales.text import MAX_TEXT, Reading, cut_run_on


@pytest.mark.parametrize(
    "run_on",
    [
        "\n\nQ: There are 15 trees.\nA: 6",
        "\n\nQuestion: There are 15 trees.",
        "\n \n**Question 2:** There are 15 trees.",
        "\n\n### Problem 3. There are 15 trees.",
        "\nQ: There are 15 trees in the grove.",
        "\nUser: and now?",
        "</s></s></s>",
        "<|im_end|>\n5",
        "<|im_start|>user\n5",
        "<|eot_id|>\n5",
        "\n\n<|user|>\n5",
        "\r\n\r\nQ: Bob has 5",
        "\n\nquestion: Bob has 5",
        "\n\n## Problem\nBob has 5",
        "\n\nInput: Bob has 5",
        "\n\nNext question: Bob has 5",
        "\n\n[Question]: Bob has 5",
    ],
)
def test_an_invented_continuation_is_cut(run_on: str) -> None:
    assert (
        cut_run_on("She has 9. The answer is 9." + run_on).strip() == "She has 9. The answer is 9."
    )


@pytest.mark.parametrize(
    "text",
    [
        "Q: How many?\nA: 9",
        "\n\nQ: How many?\nA: 9",
        "She asks a question: 9?\n\nSo 9.",
        "Q&A\n\nQuickly 9",
        "\n<|im_start|>assistant\nSo 9.",
        "Put 5 in.\nInput: 5\n\nInputs are 9.",
    ],
)
def test_a_restated_question_and_ordinary_text_are_kept(text: str) -> None:
    assert cut_run_on(text) == text


def test_thinking_is_not_read_whether_an_answer_follows_or_not() -> None:
    assert Reading("<think>so 5</think> It is 9.").text == " It is 9."
    assert Reading("<think>so 5</think>").text == ""
    assert Reading("<think>so 5").text == ""


@given(st.text(), st.sampled_from(["", "</think>", "\n\nQ: x", "</s>"]), st.text())
def test_positions_are_those_of_the_text(before: str, middle: str, after: str) -> None:
    text = before + middle + after
    reading = Reading(text)
    assert reading.end - reading.start == len(reading.text)
    for ours, theirs in zip(reading.text, text[reading.start : reading.end], strict=True):
        assert ours == theirs or not theirs.isascii()


def test_of_an_endless_text_the_end_is_read() -> None:
    reading = Reading("5 " * MAX_TEXT + "9")
    assert len(reading.text) == MAX_TEXT
    assert reading.text.endswith("9")
