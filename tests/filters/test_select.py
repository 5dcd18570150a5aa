"""Every selection adds up, keeps the order, and is not changed by selecting again."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.errors import DataError, SettingError
from cotkd.filters import Filter, select
from cotkd.filters.correct import Correct
from cotkd.filters.distinct import Distinct
from cotkd.filters.per_question import PerQuestion
from cotkd.filters.steps_valid import StepsValid
from cotkd.types import Rationale
from tests.filters.rows import TEXTS, rationale, rationales

CHOSEN = [
    Correct(),
    StepsValid(),
    StepsValid(uncheckable="drop", unannotated="drop"),
    Distinct(),
    Distinct(terms="commutative"),
    PerQuestion(limit=2),
]
FILTERS = st.lists(st.sampled_from(CHOSEN), max_size=4)


@given(rationales(), FILTERS)
def test_every_row_is_kept_or_dropped_once_and_the_funnel_adds_up(
    rows: list[Rationale], filters: list[Filter]
) -> None:
    kept, dropped, funnel, _ = select(rows, filters)
    assert {row.key for row in kept} | set(dropped) == {row.key for row in rows}
    assert len(kept) + len(dropped) == len(rows) == funnel.input
    named = [stage for stage in funnel.stages if stage.filter != "empty"]
    assert (funnel.kept, len(named)) == (len(kept), len(filters))
    entering = funnel.input
    for stage in funnel.stages:
        assert stage.entered == entering == stage.kept + sum(stage.dropped.values())
        entering = stage.kept
    assert entering == funnel.kept
    assert sum(funnel.dropped.values()) == len(dropped)


@given(rationales(), FILTERS)
def test_the_order_is_kept_and_a_second_selection_drops_nothing(
    rows: list[Rationale], filters: list[Filter]
) -> None:
    kept = select(rows, filters).kept
    assert kept == [row for row in rows if row in kept]
    again = select(kept, filters)
    assert again.kept == kept
    assert not again.dropped


@given(rationales(), st.sampled_from(CHOSEN))
def test_no_filter_looks_beyond_one_question(rows: list[Rationale], chosen: Filter) -> None:
    together = select(rows, [chosen]).dropped
    apart: dict[Any, Any] = {}
    for question in {row.question_id for row in rows}:
        apart |= select([row for row in rows if row.question_id == question], [chosen]).dropped
    assert together == apart


def test_a_row_is_dropped_by_the_first_filter_that_objects() -> None:
    rows = [rationale(TEXTS[3], "13")]
    assert select(rows, ["correct", "steps_valid"]).dropped[rows[0].key][0] == "correct"
    assert select(rows, ["steps_valid", "correct"]).dropped[rows[0].key][0] == "steps_valid"


def test_the_funnel_on_disk_names_filters_counts_and_reasons() -> None:
    rows = [
        rationale(TEXTS[0], answer, sample=i) for i, answer in enumerate(["12", "13", "?", "12"])
    ]
    assert select(rows, ["correct", "distinct"]).funnel.as_dict() == {
        "input": 4,
        "kept": 1,
        "stages": [
            {
                "filter": "correct",
                "in": 4,
                "kept": 2,
                "dropped": {"wrong answer": 1, "no answer": 1},
            },
            {"filter": "distinct", "in": 2, "kept": 1, "dropped": {"same equations": 1}},
        ],
    }


def test_duplicate_keys_are_refused_by_name() -> None:
    with pytest.raises(DataError, match="'q1', 's', 0"):
        select([rationale("a"), rationale("b")], [])


def test_a_misspelt_filter_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(SettingError, match="did you mean 'distinct'"):
        select([], ["distnct"])


def test_every_filter_says_what_it_is_and_where_it_comes_from() -> None:
    assert {"correct", "steps_valid", "distinct", "per_question"} <= set(Filter.kinds())
    assert all(kind.title and kind.source for kind in Filter.kinds().values())
