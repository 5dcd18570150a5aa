"""What students read and write, in every format and for both architectures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.errors import SettingError
from cotkd.formats import Format
from cotkd.formats.answer_only import AnswerOnly
from cotkd.formats.marked import Marked
from cotkd.formats.rationale_answer import RationaleAnswer
from cotkd.formats.rejections import rejections
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
    asked, format = question(1), RationaleAnswer()
    texts = ["fine", "so --> 3", " ", "fine too", "-->"]
    written = [rationale(asked, text, sample_index=i) for i, text in enumerate(texts)]
    rows = format.examples(asked, written, "decoder")
    assert [row.sample_index for row in rows] == [0, 3]
    found = rejections([format], written, rows)
    assert found == {"holds the delimiter": 2, "empty rationale": 1}


def test_rationales_that_another_format_writes_are_not_rejected() -> None:
    asked = question(1)
    written = [rationale(asked, "so --> 3")]
    explain = Marked(template="{rationale}", task="rationale")
    rows = explain.examples(asked, written, "decoder")
    assert rejections([RationaleAnswer(), explain], written, rows) == {}


def test_examples_have_distinct_ids() -> None:
    asked = question(2)
    written = [rationale(asked, sample_index=k) for k in range(3)]
    rows = RationaleAnswer().examples(asked, written, "decoder")
    assert [row.question_id for row in rows] == ["q2"] * 3
    assert len({row.example_id for row in rows}) == 3


def test_answer_only_has_one_example_per_question_whatever_was_sampled() -> None:
    asked = question(0)
    written = [rationale(asked, sample_index=k) for k in range(5)]
    for own in (written, []):
        assert len(AnswerOnly().examples(asked, own, "decoder")) == 1


@pytest.mark.parametrize("format", FORMATS, ids=lambda each: f"{each.kind}")
def test_settings_round_trip(format: Format) -> None:
    assert Format.parse(format.dump()) == format


def test_misspelt_kind_is_named() -> None:
    with pytest.raises(SettingError, match="did you mean 'answer_only'"):
        Format.parse({"kind": "answer-onyl"})
