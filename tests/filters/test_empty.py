"""A rationale that says nothing is never kept, whatever filters are named, and is counted."""

from __future__ import annotations

import pytest
from hypothesis import given

from cotkd.filters.correct import Correct
from cotkd.filters.distinct import Distinct
from cotkd.filters.empty import is_blank
from cotkd.filters.per_question import PerQuestion
from cotkd.filters.select import Funnel, select
from cotkd.types import Rationale
from tests.filters.rows import rationale, rationales
from tests.filters.test_select import FILTERS

BLANK = ["", " \n\t", "\u200b", "\ufeff \u00a0", "\u2028", "\x00"]


@pytest.mark.parametrize("text", BLANK)
def test_blank_is_what_shows_nothing(text: str) -> None:
    assert is_blank(text)
    assert not is_blank(f"{text}—{text}")


@given(rationales(), FILTERS)
def test_no_blank_text_survives_any_selection(rows: list[Rationale], filters: list) -> None:
    assert not [row for row in select(rows, filters).kept if not row.text.strip()]


def test_a_blank_text_takes_no_place_among_those_of_its_question() -> None:
    rows = [rationale(""), rationale("3 * 4 = 12", sample=1), rationale("4 * 3 = 12", sample=2)]
    found = select(rows, [Correct(), PerQuestion(limit=1)])
    assert [row.sample_index for row in found.kept] == [1]
    assert found.dropped[rows[0].key] == ("empty", "no reasoning")


def test_what_is_wrong_as_well_keeps_that_reason() -> None:
    (reason,) = select([rationale("", "13")], [Correct()]).dropped.values()
    assert reason == ("correct", "wrong answer")


def test_the_funnel_shows_the_stage_only_where_it_dropped_something_or_was_named() -> None:
    full, blank = rationale("3 * 4 = 12"), rationale("")
    assert [s.filter for s in select([full], [Correct()]).funnel.stages] == ["correct"]
    assert [s.filter for s in select([full], ["empty"]).funnel.stages] == ["empty"]
    assert [s.filter for s in select([blank], [Correct()]).funnel.stages] == ["correct", "empty"]


def test_funnels_of_parts_add_up_where_only_some_had_blank_texts() -> None:
    chain = [Correct(), Distinct()]
    parts = [
        [rationale("3 * 4 = 12"), rationale("", "13", sample=1)],
        [rationale("", question="q2"), rationale("3 * 4 = 12", question="q2", sample=1)],
    ]
    total = Funnel.total([select(part, chain).funnel for part in parts])
    assert total == select([row for part in parts for row in part], chain).funnel
