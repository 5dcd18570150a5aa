"""Line ends of texts from elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.store.newlines import unified

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet="ab\r\n\\", max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xy"), inner),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a\r\nb", "a\nb"),
        ("a\r\n\r\nb\r\n", "a\n\nb\n"),
        ("a\rb\n\r", "a\rb\n\r"),
        (r"a\r\nb", r"a\r\nb"),  # spelled out, as in LaTeX: \right\nabla
        ({"a": ["b\r\n", {"c": "d\r\n"}], "n": 1}, {"a": ["b\n", {"c": "d\n"}], "n": 1}),
        ({"a\r\n": None}, {"a\r\n": None}),
    ],
)
def test_line_ends_are_unified_wherever_a_text_stands(value: Any, expected: Any) -> None:
    assert unified(value) == expected


@given(JSON)
def test_what_needs_no_change_is_the_same_object(value: Any) -> None:
    if r"\r\n" not in repr(value).replace("\\\\", ""):
        assert unified(value) is value
    else:
        assert unified(value) != value
