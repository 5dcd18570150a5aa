"""What students read and write, in every format and for both architectures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.errors import DataError, SettingError
from cotkd.formats import Format, build_examples
from cotkd.formats.answer_only import AnswerOnly
from cotkd.formats.rationale_answer import RationaleAnswer
from cotkd.types import Architecture
from cotkd.verify import verify
from tests.formats.rows import question, rationale

ARCHITECTURES: tuple[Architecture, ...] = ("decoder", "encoder-decoder")
architectures = pytest.mark.parametrize("architecture", ARCHITECTURES)
orders = pytest.mark.parametrize("order", ["rationale_first", "answer_first"])
FORMATS = (AnswerOnly(), RationaleAnswer(), RationaleAnswer(order="answer_first"))
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=40)


@architectures
@pytest.mark.parametrize("format", FORMATS, ids=lambda each: f"{each.kind}")
def test_training_input_is_the_input_of_inference(
    format: Format, architecture: Architecture
) -> None:
    asked = question(3)
    for example in format.examples(asked, [rationale(asked)], architecture):
        assert example.input == format.input(asked, architecture)


@architectures
@pytest.mark.parametrize("format", FORMATS, ids=lambda each: f"{each.kind}")
def test_answer_span_holds_the_gold_answer(format: Format, architecture: Architecture) -> None:
    asked = question(3)
    (example,) = format.examples(asked, [rationale(asked)], architecture)
    assert example.answer_span is not None
    start, stop = example.answer_span
    assert example.target[start:stop].strip(" ->") == asked.answer


def test_strings_are_those_of_fine_tune_cot() -> None:
    asked = question(text="How many? ", answer="12", rationale=" 3*4=12 ")
    (decoder,) = RationaleAnswer().examples(asked, [rationale(asked)], "decoder")
    assert (decoder.input, decoder.target) == ("How many? ###", " 3*4=12 --> 12")
    (other,) = RationaleAnswer().examples(asked, [rationale(asked)], "encoder-decoder")
    assert (other.input, other.target) == ("How many?", "3*4=12 --> 12")
    swapped = RationaleAnswer(order="answer_first").target(asked, rationale(asked))
    assert swapped == "12 --> 3*4=12"


def test_decoder_targets_start_with_a_space() -> None:
    (example,) = AnswerOnly().examples(question(answer="12"), [], "decoder")
    assert example.target == " 12"


@orders
def test_label_is_the_gold_string_not_the_teachers(order: str) -> None:
    asked = question(answer="1,000")
    stated = rationale(asked, "It is 1000.").model_copy(update={"answer": "1000.0"})
    target = RationaleAnswer.parse({"order": order}).target(asked, stated)
    assert "1,000" in target
    assert "1000.0" not in target


@given(texts)
def test_every_target_that_is_made_reads_back_as_the_gold_answer(text: str) -> None:
    asked, format = question(5), RationaleAnswer()
    written = rationale(asked, text)
    for example in format.examples(asked, [written], "decoder"):
        assert verify(example.target, asked.answer).status == "correct"
        assert example.target.count(format.delimiter) == 1


def test_rationales_that_hold_the_delimiter_are_rejected_and_counted() -> None:
    asked = question(1)
    texts = ["fine", "so --> 3", " ", "fine too", "-->"]
    written = [rationale(asked, text, sample_index=i) for i, text in enumerate(texts)]
    rows, rejected = build_examples(RationaleAnswer(), [asked], written, architecture="decoder")
    assert [row.sample_index for row in rows] == [0, 3]
    assert rejected == {"holds the delimiter": 2, "empty rationale": 1}


def test_examples_follow_the_order_of_questions_and_have_distinct_ids() -> None:
    asked = [question(i) for i in range(4)]
    written = [rationale(asked[i], sample_index=k) for i, k in ((2, 0), (0, 0), (2, 1))]
    rows, _ = build_examples(RationaleAnswer(), asked, written, architecture="decoder")
    assert [row.question_id for row in rows] == ["q0", "q2", "q2"]
    assert len({row.example_id for row in rows}) == 3


def test_answer_only_has_one_example_per_question_whatever_was_sampled() -> None:
    asked = [question(i) for i in range(3)]
    written = [rationale(asked[0], sample_index=k) for k in range(5)]
    rows, rejected = build_examples(AnswerOnly(), asked, written, architecture="decoder")
    assert [row.question_id for row in rows] == ["q0", "q1", "q2"]
    assert rejected == {}


def test_nothing_left_to_train_on_is_refused() -> None:
    with pytest.raises(DataError, match="no training example is left of 1 questions"):
        build_examples(RationaleAnswer(), [question()], [], architecture="decoder")


def test_rationale_of_an_unknown_question_is_refused() -> None:
    with pytest.raises(DataError, match="unknown question 'q1'"):
        build_examples(
            AnswerOnly(), [question(0)], [rationale(question(1))], architecture="decoder"
        )


@pytest.mark.parametrize("format", FORMATS, ids=lambda each: f"{each.kind}")
def test_settings_round_trip(format: Format) -> None:
    assert Format.parse(format.dump()) == format


def test_misspelt_kind_is_named() -> None:
    with pytest.raises(SettingError, match="did you mean 'answer_only'"):
        Format.parse({"kind": "answer-onyl"})
