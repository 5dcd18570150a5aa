"""A rationale is its completion's reasoning without the answer, under the same key."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.rationales.parse import parse
from cotkd.types import Completion, Question, Rationale
from cotkd.verify import verifier_of

QUESTION = Question(id="q1", text="How many eggs has Ann?", answer="12")


def _completion(text: str, **fields: object) -> Completion:
    values = {
        "question_id": "q1",
        "stream": "s",
        "sample_index": 3,
        "text": text,
        "finish_reason": "stop",
        "teacher": "t",
        "elicitation": "plain",
        "prompt_tokens": 1,
        "completion_tokens": 1,
    }
    return Completion.model_validate({**values, **fields})


def _parse(text: str, **fields: object) -> Rationale:
    return parse(_completion(text, **fields), QUESTION, verifier=verifier_of("numeric"))


@pytest.mark.parametrize(
    ("text", "reasoning"),
    [
        (" Ann has 3*4=<<3*4=12>>12 eggs.\n#### 12", "Ann has 3*4=<<3*4=12>>12 eggs."),
        ("Ann has 3*4=12 eggs. So the answer is 12.", "Ann has 3*4=12 eggs."),
        ("Ann has 12 eggs.\n**Answer:** 12", "Ann has 12 eggs."),
        ("Ann has 12 eggs. --> 12", "Ann has 12 eggs."),
        ("Ann has 12 eggs.\nA: 12", "Ann has 12 eggs."),
        ("Ann has 12 eggs.\nSo it is $\\boxed{12}$.", "Ann has 12 eggs."),
        ("The answer is 12. Ann has 3 * 4 eggs.", "Ann has 3 * 4 eggs."),
        ("Ann has 3 * 4 = 12 eggs.", "Ann has 3 * 4 = 12 eggs."),
        ("Ann has 12.\n#### 12\n\nQ: Bob has 3 eggs.\n#### 3", "Ann has 12."),
        (json.dumps({"reasoning": "3 * 4\nis 12", "answer": "12"}), "3 * 4\nis 12"),
        ("<think>12?</think>Ann has 12 eggs.\n#### 12", "Ann has 12 eggs."),
        ("#### 12", ""),
    ],
)
def test_the_final_statement_is_removed_and_the_reasoning_kept(text: str, reasoning: str) -> None:
    rationale = _parse(text)
    assert rationale.text == reasoning
    assert (rationale.answer, rationale.verdict.status) == ("12", "correct")


def test_the_key_and_the_origin_are_those_of_the_completion() -> None:
    completion = _completion("#### 12", condition="12")
    rationale = parse(completion, QUESTION, verifier=verifier_of("numeric"))
    assert rationale.key == completion.key
    assert (rationale.teacher, rationale.elicitation, rationale.condition) == ("t", "plain", "12")


def test_a_failed_sample_is_unparsed_whatever_its_text_says() -> None:
    rationale = _parse("#### 12", finish_reason="error", error="out of memory")
    assert (rationale.verdict.status, rationale.answer, rationale.text) == ("unparsed", None, "")
    assert "out of memory" in rationale.verdict.reason


def test_a_thinking_trace_stands_in_for_missing_reasoning_only() -> None:
    assert _parse("#### 12", reasoning="Ann has 12.").text == "Ann has 12."
    assert _parse("So 12.\n#### 12", reasoning="Ann has 12.").text == "So 12."


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (
            r"3 boxes of 4: $3 \times 4 = \boxed{12}$ eggs.",
            r"3 boxes of 4: $3 \times 4 = 12$ eggs.",
        ),
        (r"First, 1+1=2. So $3 \times 4 = \boxed{12}$.", r"First, 1+1=2. So $3 \times 4 = 12$."),
        ("Tom has 3*4=12 eggs, so the answer is 12.", "Tom has 3*4=12 eggs"),
        ("3*4=12 #### 12", "3*4=12"),
        ("3*4=12. Therefore, the answer is 12 eggs.", "3*4=12."),
        (r"3*4=12. She has \boxed{12} eggs. Well done.", "3*4=12.\nWell done."),
        ("3*4=12.\nThe answer is 12 because 3*4 is.", "3*4=12."),
        ("#### 12", ""),
    ],
)
def test_a_calculation_in_the_sentence_of_the_answer_stays(text: str, kept: str) -> None:
    assert _parse(text).text == kept


@pytest.mark.parametrize(
    ("trace", "kept"),
    [
        ("3 * 4 is 12.", "3 * 4 is 12."),
        ("3 * 4 is 12. So the answer is 12.", "3 * 4 is 12."),
        ("So the answer is 13? Wait, 3 * 4 is 12.", "So the answer is 13? Wait, 3 * 4 is 12."),
    ],
)
def test_a_thinking_trace_is_the_rationale_where_it_is_asked_for(trace: str, kept: str) -> None:
    completion = _completion("Ann has 12.\n#### 12", reasoning=trace)
    verifier = verifier_of("numeric")
    rationale = parse(completion, QUESTION, verifier=verifier, reasoning="trace")
    assert rationale.text == kept
    assert (rationale.answer, rationale.verdict.status) == ("12", "correct")


def test_an_answer_in_the_trace_alone_is_no_answer() -> None:
    completion = _completion("That is all.", reasoning="#### 12")
    rationale = parse(completion, QUESTION, verifier=verifier_of("numeric"), reasoning="trace")
    assert (rationale.answer, rationale.verdict.status) == (None, "unparsed")


def test_reasoning_of_the_answer_stands_in_for_a_missing_trace() -> None:
    completion = _completion("Ann has 12.\n#### 12")
    rationale = parse(completion, QUESTION, verifier=verifier_of("numeric"), reasoning="trace")
    assert rationale.text == "Ann has 12."


@pytest.mark.parametrize(
    ("text", "trace", "status"),
    [
        ("", "Ann has 3 * 4 = 12", "unparsed"),
        ("Ann has 3 * 4 = 12 eggs and", None, "unparsed"),
        ("Ann has 3 * 4 = 1", None, "unparsed"),
        ("Ann has 12.\n#### 12\n\nQ: Bob has 3", None, "correct"),
        ("The answer is 13. Bob has", None, "wrong"),
    ],
)
def test_a_sample_that_was_cut_off_has_only_the_answer_that_it_states(
    text: str, trace: str | None, status: str
) -> None:
    rationale = _parse(text, reasoning=trace, finish_reason="length")
    assert rationale.verdict.status == status
    assert rationale.scores == {"truncated": 1.0}
    if status == "unparsed":
        assert "cut off" in rationale.verdict.reason


def test_letters_and_yes_or_no_are_removed_like_numbers() -> None:
    question = Question(id="q1", text="Which?", answer="B", choices=("10", "12"))
    rationale = parse(_completion("It is 12.\n#### B"), question, verifier=verifier_of("choice"))
    assert (rationale.text, rationale.answer) == ("It is 12.", "B")
    question = Question(id="q1", text="Is it?", answer="yes")
    rationale = parse(_completion("It is.\n#### no"), question, verifier=verifier_of("boolean"))
    assert (rationale.text, rationale.answer, rationale.verdict.status) == ("It is.", "no", "wrong")


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",))))
def test_any_text_gives_a_rationale_that_survives_json(text: str) -> None:
    rationale = _parse(text)
    assert Rationale.model_validate_json(rationale.to_json()) == rationale


@pytest.mark.parametrize(("finish", "scores"), [("length", {"truncated": 1.0}), ("stop", {})])
def test_a_text_that_was_cut_at_the_token_limit_is_marked(
    finish: str, scores: dict[str, float]
) -> None:
    assert _parse("Ann has 3*4=12 eggs and 9*2=$1", finish_reason=finish).scores == scores


@pytest.mark.parametrize(
    ("text", "given", "answer", "status"),
    [
        ("Because 3 times 4 eggs are in 3 boxes of 4.", "12", "12", "correct"),
        ("Because 3 times 4 eggs are in 3 boxes of 4.", "14", "14", "wrong"),
        ("3*4=12\n#### 12", "14", "12", "correct"),
        ("3*5=15\n#### 15", "12", "15", "wrong"),
    ],
)
def test_an_explanation_that_states_no_answer_explains_the_one_it_was_given(
    text: str, given: str, answer: str, status: str
) -> None:
    rationale = _parse(text, condition=given, elicitation="rationalization")
    assert (rationale.answer, rationale.verdict.status) == (answer, status)
    cut = _parse(text.partition("\n")[0], condition=given, finish_reason="length")
    assert cut.verdict.status == "unparsed"


TAGGED = "<thinking>3*4 is 13? No.</thinking>\n\nThree fours make 12 eggs."


def test_a_trace_within_the_text_becomes_the_rationale_where_it_is_asked_for() -> None:
    found = parse(_completion(TAGGED), QUESTION, verifier=verifier_of("numeric"), reasoning="trace")
    assert (found.text, found.verdict.status) == ("3*4 is 13? No.", "correct")
    assert _parse(TAGGED).text == "Three fours make 12 eggs."


@pytest.mark.parametrize("reason", ["stop", "length"])
@pytest.mark.parametrize("condition", [None, "12"])
def test_a_trace_that_never_closes_answers_nothing(reason: str, condition: str | None) -> None:
    text = "<think>So the answer is 12. But wait"
    found = _parse(text, finish_reason=reason, condition=condition)
    assert found.verdict.status == "unparsed"
    assert found.text == "So the answer is 12. But wait"


def test_where_traces_are_asked_for_a_text_that_was_cut_off_unmarked_is_all_trace() -> None:
    cut = _completion("So the answer is 12. But wait", finish_reason="length")
    found = parse(cut, QUESTION, verifier=verifier_of("numeric"), reasoning="trace")
    assert (found.verdict.status, found.text) == ("unparsed", cut.text)
