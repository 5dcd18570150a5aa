"""Before training: one line on what a tokenizer does not know; too much of it is refused."""

from __future__ import annotations

import logging

import pytest

from cotkd.errors import SettingError
from cotkd.students.settings import StudentConfig
from cotkd.students.signs import extend, unknown_in
from cotkd.training.signs import signs_to_add
from cotkd.types import Example
from tests.students.test_signs import unigram
from tests.tiny import build_tokenizer


def rows(*texts: str) -> list[Example]:
    return [
        Example(example_id=str(n), question_id=str(n), input="2 eggs of all", target=text)
        for n, text in enumerate(texts)
    ]


LATEX = rows("so \\frac{2}{1} eggs", "so 2\neggs")


def test_a_tokenizer_that_knows_everything_is_not_spoken_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert signs_to_add(build_tokenizer(), LATEX, StudentConfig(), name="m") == ()
    assert not caplog.records


def test_a_percent_and_more_is_refused_with_both_ways_out() -> None:
    with pytest.raises(SettingError) as caught:
        signs_to_add(unigram(), LATEX, StudentConfig(), name="tiny")
    said = str(caught.value)
    assert said.startswith("student tiny: its tokenizer does not know ")
    assert "of 2 examples: '{' (2), '}' (2), '\\\\' (1), '\\n' (1)" in said
    assert "student.add_unknown=true" in said
    assert "student.most_unknown=1" in said
    assert "\n" not in said


@pytest.mark.parametrize("limit", [1.0, 0.9])
def test_told_to_go_on_it_is_one_line(limit: float, caplog: pytest.LogCaptureFixture) -> None:
    settings = StudentConfig(most_unknown=limit)
    assert signs_to_add(unigram(), LATEX, settings, name="tiny") == ()
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "'{' (2)" in record.message


def test_less_than_a_percent_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    texts = ["so that is 24 eggs, and so on"] * 60
    assert signs_to_add(unigram(), rows(*texts, "~"), StudentConfig(), name="tiny") == ()
    (record,) = caplog.records
    assert "'~' (1)" in record.message


def test_added_signs_are_named_and_known(caplog: pytest.LogCaptureFixture) -> None:
    tokenizer = unigram()
    signs = signs_to_add(tokenizer, LATEX, StudentConfig(add_unknown=True), name="tiny")
    assert signs == ("\n", "\\", "{", "}")
    (record,) = caplog.records
    assert "4 signs become tokens: '{' (2)" in record.message
    assert unknown_in(tokenizer, ["{"]).unknown == 1, "nothing is added before the model is there"
    extend(tokenizer, signs)
    assert unknown_in(tokenizer, [row.target for row in LATEX]).unknown == 0


def test_markers_are_no_unknown_signs() -> None:
    marked = [row.model_copy(update={"input": f"<predict> {row.input}"}) for row in rows("2 eggs")]
    with pytest.raises(SettingError, match="'<'"):
        signs_to_add(unigram(), marked, StudentConfig(), name="tiny")
    assert signs_to_add(unigram(), marked, StudentConfig(markers=("<predict>",)), name="m") == ()
