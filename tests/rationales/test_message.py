"""Trace and answer of a message, in whatever fields they came."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.rationales.message import TRACE_FIELDS, holds_text, split_message

PARTS = [{"type": "text", "text": "3*4"}]


@pytest.mark.parametrize("field", TRACE_FIELDS)
@pytest.mark.parametrize(
    "trace",
    [
        "3*4",
        " 3*4\n",
        PARTS,
        [{"type": "reasoning.text", "text": "3*4", "index": 0}],
        [
            {"type": "reasoning.summary", "summary": "3*4"},
            {"type": "reasoning.encrypted", "data": ""},
        ],
        [{"type": "thinking", "thinking": "3*4", "signature": "x"}],
        {"summary": [{"type": "summary_text", "text": "3*4"}]},
    ],
)
def test_a_trace_in_a_field_of_its_own(field: str, trace: Any) -> None:
    assert split_message({"content": "12", field: trace}) == ("3*4", "12", True)


@pytest.mark.parametrize(
    "thought",
    [
        {"type": "thinking", "thinking": "3*4"},
        {"type": "thinking", "thinking": PARTS},
        {"type": "reasoning", "text": "3*4"},
        {"type": "reasoning", "reasoning": "3*4"},
        {"type": "reasoning", "summary": PARTS},
        {"text": "3*4", "thought": True},
    ],
)
def test_a_trace_among_the_parts_of_a_content(thought: dict[str, Any]) -> None:
    content = [thought, {"type": "text", "text": "1"}, {"type": "output_text", "text": "2"}]
    assert split_message({"content": content}) == ("3*4", "12", True)


@pytest.mark.parametrize("empty", [None, "", " ", [], {}, 5, [{"type": "reasoning.encrypted"}]])
def test_a_field_that_says_nothing_is_no_trace(empty: Any) -> None:
    assert split_message({"content": "12", "reasoning": empty}) == (None, "12", True)
    both = {"content": "12", "reasoning_content": empty, "thinking": "3*4"}
    assert split_message(both) == ("3*4", "12", True)


def test_a_trace_in_a_field_and_one_in_the_text_are_one() -> None:
    both = {"content": "<think>a</think>12", "reasoning": "3*4"}
    assert split_message(both) == ("3*4\n\na", "12", True)
    assert split_message({"content": "<think>12"}) == ("12", "", False)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["type", "text", "thinking", "content", "reasoning"]), inner
            )
        ),
    )
)
def test_any_json_is_read_without_an_error(value: Any) -> None:
    for message in ({"content": value}, {"reasoning": value, "content": "12"}):
        assert isinstance(split_message(message).answer, str)
    holds_text(value)
