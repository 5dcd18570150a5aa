"""Thinking traces and answers are told apart, however the text was written or cut."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.rationales.trace import (
    ANSWER_TAGS,
    CHANNEL_MARKS,
    TAGS,
    answer_span,
    opens_trace,
    special_marks,
    split_trace,
)
from cotkd.types import Question
from cotkd.verify import Verifier, verifier_of

WORDS = st.text(st.sampled_from("ab 12=\n"), max_size=20)
MARKS = [mark for pair in (*TAGS, *ANSWER_TAGS) for mark in pair]
MARKS += [*CHANNEL_MARKS, "<|end|>", "<|return|>", "<|constrain|>"]
END, FINAL = "<|end|>", "<|start|>assistant<|channel|>final<|message|>"
ANALYSIS = "<|channel|>analysis<|message|>"


@pytest.mark.parametrize(
    ("text", "trace", "answer"),
    [
        ("<think>\n3*4=12\n</think>\n\n#### 12", "3*4=12", "#### 12"),
        ("\n<think>a</think>b", "a", "b"),
        ("3*4=12\n</think>\n\n#### 12", "3*4=12", "#### 12"),
        ("<think>\n\n</think>\n\n#### 12", None, "#### 12"),
        ("</think>#### 12", None, "#### 12"),
        ("3*4=12\n#### 12", None, "3*4=12\n#### 12"),
        (" leading blank", None, " leading blank"),
        ("", None, ""),
        ("Sure. <think>a</think> b", "a", "Sure.  b"),
        ("<think>a</think>b</think>c", "a", "b</think>c"),
        ("<think>a</think>b<think>c", "a", "b<think>c"),
        ("<think>a</think></think>b", "a", "b"),
        ("<think>I write [THINK] here</think>b", "I write [THINK] here", "b"),
        ("<think>a<think>b</think>c</think>d", "a<think>b</think>c", "d"),
        ("<think>a<think>b</think>c", "a<think>b", "c"),
        ("<thinking>a</think>b", "a", "b"),
        ("<THINK>a</Think>b", "a", "b"),
        ("<think>close it by `</think>`: a</think>b", "close it by `</think>`: a", "b"),
        ("<think>a</think>b\n<think>c</think>d", "a\n\nc", "b\nd"),
        ("Let me see:\n<think>\na\n</think>\nb", "a", "Let me see:\n\nb"),
    ],
)
def test_tags(text: str, trace: str | None, answer: str) -> None:
    assert split_trace(text) == (trace, answer, True)


@pytest.mark.parametrize(
    "text",
    [
        "the tag <think> is a word",
        "The tag <think> is closed by </think>, so there are 2.",
        "Write `<think>` and `</think>`. The answer is 2.",
        'It begins with "<think>" (and ends with "</think>").',
        "Tags:\n<think> for thoughts\n<answer> for answers\nSo 2.",
        "I think so, [think] of it. a < b > c",
        "analysis: 3*4 = 12",
        "Analysis of assistantfinal",
        "The token <|channel|> comes first.",
        "First <|channel|>, then the name of it, then <|message|>. So 2.",
        "Let <reasoning be 5>.",
    ],
)
def test_words_about_traces_are_no_trace(text: str) -> None:
    assert split_trace(text) == (None, text, True)
    assert answer_span(text) == (0, len(text))


@pytest.mark.parametrize(
    ("text", "trace", "answer"),
    [
        (f"{ANALYSIS}a{END}{FINAL}b<|return|>", "a", "b"),
        (f"{ANALYSIS}a{END}{FINAL}b", "a", "b"),
        (f"<|start|>assistant{ANALYSIS}a{END}{FINAL}b", "a", "b"),
        (f"{ANALYSIS}a{END}<|start|>assistant{ANALYSIS}c{END}{FINAL}b", "a\n\nc", "b"),
        (f"a{END}{FINAL}b", "a", "b"),
        (f"analysis<|message|>a{END}{FINAL}b", "a", "b"),
        ("<|channel|>final<|message|>b<|return|>", None, "b"),
        (f"{ANALYSIS}a<|channel|>final<|message|>b", "a", "b"),
        (f"{ANALYSIS}a{FINAL}b", "a", "b"),
        (f"{ANALYSIS}a{END}{FINAL}b{END}<|start|>user<|message|>c{END}{FINAL}d", "a", "b"),
        (f"{ANALYSIS}a{END}<|start|>assistant<|message|>b", "a", "b"),
        (
            f"{ANALYSIS}a{END}<|start|>assistant<|channel|>commentary to=functions.f "
            f"<|constrain|>json<|message|>c<|call|>{FINAL}b",
            "a\n\nc",
            "b",
        ),
        ("analysisa 3 is 3.assistantfinalb", "a 3 is 3.", "b"),
        ("analysisWe aassistantanalysiscassistantfinalb", "We a\n\nc", "b"),
        ("<|channel>thought\na\n<channel|>b", "a", "b"),
        ("<|channel>thought\n<channel|>b", None, "b"),
        ("<unused94>thought\na<unused95>b", "a", "b"),
    ],
)
def test_channels(text: str, trace: str | None, answer: str) -> None:
    assert split_trace(text) == (trace, answer, True)


@pytest.mark.parametrize(("before", "after"), ANSWER_TAGS)
def test_marks_around_the_answer_are_no_part_of_it(before: str, after: str) -> None:
    opening, closing = TAGS[8 + ANSWER_TAGS.index((before, after))]
    whole = f"{opening}\na\n{closing}\n\n{before}\n12\n{after}"
    assert split_trace(whole) == ("a", "12\n", True)
    assert split_trace(whole.replace(closing, ""))[0::2] == ("a", True)
    assert split_trace(f"{before}12{after}") == (None, "12", True)


@pytest.mark.parametrize(
    ("text", "trace"),
    [
        ("<think>3*4=", "3*4="),
        ("<think>", None),
        ("<think>a<think>b", "a<think>b"),
        ("The answer is 12.\n\n<think>\nBut wait", "The answer is 12.\n\nBut wait"),
        ("<think>a</think>\n12\n<think>\nb", "a\n\n12\n\nb"),
        ("[THINK]the answer is 48. But", "the answer is 48. But"),
        (f"{ANALYSIS}the answer is 48. But", "the answer is 48. But"),
        (f"{ANALYSIS}a{END}<|start|>assistant<|channel|>commentary<|message|>b", "a\n\nb"),
        ("analysisWe know the answer is 48", "We know the answer is 48"),
        ("<|channel>thought\nthe answer is 48", "the answer is 48"),
    ],
)
def test_a_trace_that_never_closes_leaves_no_answer(text: str, trace: str | None) -> None:
    assert split_trace(text) == (trace, "", False)
    assert answer_span(text) == (len(text), len(text))


@pytest.mark.parametrize(("opening", "closing"), TAGS)
@given(trace=WORDS, answer=WORDS)
def test_the_marks_of_every_family_are_read(
    opening: str, closing: str, trace: str, answer: str
) -> None:
    expected = (trace.strip() or None, answer.lstrip(), True)
    assert split_trace(f"{opening}{trace}{closing}{answer}") == expected
    assert split_trace(f"{trace}{closing}{answer}") == expected
    assert split_trace(opening + trace) == (trace.strip() or None, "", False)
    assert opens_trace(f"Q: 3*4?\nA: {opening}\n")


@given(WORDS)
def test_a_text_without_marks_is_an_answer_to_the_letter(text: str) -> None:
    assert split_trace(text) == (None, text, True)


@given(WORDS)
def test_a_text_cut_off_in_an_opened_trace_is_all_trace(text: str) -> None:
    assert split_trace(text, opened=True) == (text.strip() or None, "", False)
    assert split_trace("<think>" + text, opened=True) == (text.strip() or None, "", False)


def test_a_trace_that_the_prompt_opened_may_speak_of_its_marks() -> None:
    assert split_trace("So <think> it is.</think>12", opened=True) == ("So <think> it is.", "12", 1)


@given(st.lists(st.sampled_from([*MARKS, "X ", "\n", "`", ". "])))
def test_no_word_is_lost_or_doubled_and_places_are_those_of_the_answer(parts: list[str]) -> None:
    text = "".join(parts)
    trace, answer, closed = split_trace(text)
    assert ((trace or "") + answer).count("X") == text.count("X")
    start, end = answer_span(text)
    assert text[start:end].strip() in answer
    assert closed or start == end == len(text)


@pytest.mark.parametrize("kind", ["numeric", "math", "choice", "boolean", "text"])
@pytest.mark.parametrize("said", ["The answer is {}.", "\\boxed{{{}}}", "#### {}", "{}"])
def test_no_verifier_reads_a_trace(kind: str, said: str) -> None:
    right, wrong = {
        "numeric": ("12", "13"),
        "math": ("12", "13"),
        "choice": ("A", "B"),
        "boolean": ("yes", "no"),
        "text": ("ann", "bob"),
    }[kind]
    verifier = verifier_of(kind)
    question = Question(id="q", text="?", answer=right)
    for opening, closing in TAGS:
        thought, answer = said.format(wrong), said.format(right)
        text = f"{opening}{thought}{closing}\n{answer}"
        assert verifier.verify_question(text, question).status == "correct"
        place = verifier.locate(text)
        assert place is None or text[slice(*place)] in answer
        for silent in (f"{opening}{answer}", f"{opening}{answer}{closing}"):
            assert verifier.verify_question(silent, question).status == "unparsed"
            assert verifier.locate(silent) is None


def test_figures_of_the_harness_read_what_it_reads() -> None:
    verifier: Verifier = verifier_of("lm_eval")
    assert verifier.verify("<think>5", "5").status == "correct"


def test_special_tokens_that_mark_traces_are_told_from_those_that_end_texts() -> None:
    assert special_marks(["<think>", "</think>", "</s>", "<|end|>"]) == {"<think>", "</think>"}
    channels = {"<|start|>", "<|channel|>", "<|message|>"}
    assert special_marks([*channels, "<|end|>", "<|return|>", "<|call|>"]) == channels


HOSTILE = {
    "openings": "<think>" * 10**5,
    "closings": "</think>" * 10**5,
    "pairs": "<think>a</think>b\n" * 10**5,
    "words": "a <think> " * 10**5,
    "lines": "a\n<think>\n" * 10**5 + "</think>",
    "messages": "<|message|>" * 10**5,
    "headers": "<|channel|>" * 10**5 + "<|message|>",
    "roles": "<|start|>a" * 10**5 + "<|message|>",
    "blanks": ("<think>" + " " * 10**5) * 5,
    "stripped": "analysis" + "assistantanalysisa" * 10**5,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_are_taken_apart_at_once(name: str) -> None:
    start = time.process_time()
    split_trace(HOSTILE[name])
    assert time.process_time() - start < 1
