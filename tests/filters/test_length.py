"""Lengths are bounded in a stated unit, and compared with the question's median."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from cotkd.errors import SettingError
from cotkd.filters import select
from cotkd.filters.length import Length
from cotkd.types import Rationale
from tests.filters.rows import rationale, rationales

LINES = "Three boxes hold four eggs each.\n3 * 4 = 12.\nShe eats none."


@pytest.mark.parametrize(
    ("text", "settings", "reason"),
    [
        (LINES, {}, None),
        ("", {}, "fewer than 1 words"),
        ("", {"least": 0}, None),
        (LINES, {"unit": "steps", "least": 3, "most": 3}, None),
        (LINES, {"unit": "steps", "least": 4}, "fewer than 4 steps"),
        ("3 * 4 = 12. She eats none.", {"unit": "steps", "least": 3}, "fewer than 3 steps"),
        (LINES, {"most": 13}, "more than 13 words"),
        (LINES, {"most": 14}, None),
        ("Zwölf.", {"unit": "characters", "most": 5}, "more than 5 characters"),
        ("Zwölf", {"unit": "characters", "most": 5}, None),
    ],
)
def test_bounds(text: str, settings: dict[str, Any], reason: str | None) -> None:
    row = rationale(text)
    assert Length.parse(settings).drop([row], {}) == ({} if reason is None else {row.key: reason})


def test_tokens_are_those_of_the_named_model() -> None:
    from cotkd.teachers.transformers import load_model

    _, tokenizer = load_model("microgsm-teacher", dtype="float32", device="cpu")
    count = len(tokenizer(LINES, add_special_tokens=False)["input_ids"])
    for most, kept in ((count, True), (count - 1, False)):
        settings = {"unit": "tokens", "tokenizer": "microgsm-teacher", "most": most}
        assert (Length.parse(settings).drop([rationale(LINES)], {}) == {}) == kept


@pytest.mark.parametrize("settings", [{"unit": "tokens"}, {"tokenizer": "microgsm-teacher"}])
def test_tokens_need_a_model_and_other_units_take_none(settings: dict[str, Any]) -> None:
    with pytest.raises(SettingError, match="give both or neither"):
        Length.parse(settings)


def test_the_band_is_about_the_median_of_the_question() -> None:
    words = [40, 44, 52, 130, 10]
    rows = [rationale("so " * count, sample=at) for at, count in enumerate(words)]
    rows += [rationale("so " * 130, question="q2", sample=9)]
    kept, dropped, _, _ = select(rows, ["length"])
    assert [row.sample_index for row in kept] == [0, 1, 2, 9]
    reasons = [reason for _, reason in dropped.values()]
    assert reasons == ["verbose for its question", "terse for its question"]
    assert kept[2].scores == {"words_to_median": 52 / 44}


def test_the_median_is_that_of_all_rationales_and_not_of_those_left() -> None:
    words = [(60, "12"), (10, "13"), (10, "13")]
    rows = [rationale("so " * count, answer, sample=at) for at, (count, answer) in enumerate(words)]
    found = select(rows, ["correct", "length"])
    assert found.dropped[rows[0].key] == ("length", "verbose for its question")


def test_the_median_of_those_left_does_not_count_in_a_second_selection() -> None:
    words = [9, 9, 9, 20, 40, 40, 40]
    rows = [rationale("so " * count, sample=at) for at, count in enumerate(words)]
    chosen = Length(band=(0.6, 2))
    kept = select(rows, [chosen]).kept
    assert [row.sample_index for row in kept] == [3, 4, 5, 6]
    assert select(kept, [chosen]).kept == kept
    bare = [row.model_copy(update={"scores": {}}) for row in kept]
    assert len(select(bare, [chosen]).kept) == 3


@given(rationales())
def test_the_median_itself_is_never_dropped_for_its_length(rows: list[Rationale]) -> None:
    band = Length(least=0, band=(1, 1))
    dropped = band.drop(rows, {})
    for name in {row.question_id for row in rows}:
        assert not all(row.key in dropped for row in rows if row.question_id == name)


@pytest.mark.parametrize("settings", [{"least": 3, "most": 2}, {"band": [2, 3]}, {"band": "1.5,2"}])
def test_bounds_that_keep_nothing_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(SettingError):
        Length.parse(settings)
