"""Formats with markers and a template: what is read, written, trained and never cut."""

from __future__ import annotations

import pytest

from cotkd.errors import SettingError
from cotkd.formats.marked import Marked
from cotkd.formats.tokenize import tokenize_examples
from cotkd.types import Architecture
from tests.formats.rows import question, rationale
from tests.tiny import EOS, build_tokenizer

TEMPLATES = ("{answer}", "{rationale} --> {answer}", "The answer is {answer}. Why: {rationale}")


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("architecture", ["decoder", "encoder-decoder"])
def test_what_is_never_cut_is_all_but_the_rationale(template: str, architecture: str) -> None:
    asked = question(3)
    row = rationale(asked)
    example = Marked(template=template, opening="[x]").example(asked, row, architecture)
    start, stop = example.answer_span
    assert asked.answer in example.target[start:stop]
    assert row.text not in example.target[start:stop]
    cut = row.text if "rationale" in template else ""
    assert example.target[:start] + example.target[stop:] == (
        example.target.partition(cut)[0][: 0 if start == 0 else None] + cut if cut else ""
    )


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_answer_alone_can_be_trained(template: str) -> None:
    asked = question(3)
    example = Marked(template=template, trained="answer").example(
        asked, rationale(asked), "decoder"
    )
    ((start, stop),) = example.loss_spans
    assert example.target[start:stop] == asked.answer


@pytest.mark.parametrize("template", ["{rationale}", *TEMPLATES[1:]])
@pytest.mark.parametrize("architecture", ["decoder", "encoder-decoder"])
def test_the_rationale_alone_can_be_trained(template: str, architecture: Architecture) -> None:
    """The end token belongs to it where it ends the target."""
    asked = question(3)
    row = rationale(asked)
    format = Marked(template=template, trained="rationale", opening="[x]")
    example = format.example(asked, row, architecture)
    ((start, stop),) = example.loss_spans
    assert example.target[start:stop] == row.text
    (tokens,) = tokenize_examples([example], build_tokenizer(), architecture=architecture)
    trained = [token for token, own in zip(tokens.target, tokens.trained, strict=True) if own]
    ends = template.endswith("{rationale}")
    assert (trained[-1] == EOS) == ends
    assert build_tokenizer().decode(trained[:-1] if ends else trained).strip() == row.text


@pytest.mark.parametrize(("there", "asked"), [("answer", "rationale"), ("rationale", "answer")])
def test_what_a_target_has_not_cannot_be_trained_alone(there: str, asked: str) -> None:
    with pytest.raises(SettingError, match=f"trained {asked}, and the template .* has none"):
        Marked.parse({"template": f"{{{there}}}", "trained": asked})


def test_opening_is_written_by_encoder_decoders_alone() -> None:
    format, asked = Marked(opening="[factual]", template="{answer}"), question(answer="12")
    assert format.example(asked, None, "encoder-decoder").target == "[factual] 12"
    assert format.example(asked, None, "decoder").target == " 12"


def test_answers_before_explanations_are_read_from_their_part() -> None:
    format = Marked(template="The answer is {answer}. Explanation: {rationale}")
    assert format.answer_part("The answer is 5. Explanation: 2+3=5 and 9") == "The answer is 5"


def test_rationales_that_hold_the_delimiter_are_rejected() -> None:
    asked = question(1)
    written = [rationale(asked, text) for text in ("fine", "so --> 3", " ")]
    format = Marked()
    assert [format.rejects(row) for row in written] == [
        None,
        "holds the delimiter",
        "empty rationale",
    ]
    assert len(format.examples(asked, written, "decoder")) == 1
    with pytest.raises(ValueError, match="holds the delimiter"):
        format.target(asked, written[1])


@pytest.mark.parametrize(
    "template",
    ["", "no gap", "{question}", "{answer}{answer}", "{rationale} {answer}", "{answer!r}"],
)
def test_templates_that_could_not_be_read_back_are_refused(template: str) -> None:
    with pytest.raises(SettingError):
        Marked.parse({"template": template})
