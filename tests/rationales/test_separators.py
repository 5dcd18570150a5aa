"""Decimal commas are found out, and every character keeps its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.rationales.separators import pointed
from cotkd.verify import verifier_of


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Das macht 17,80 Euro.", "Das macht 17.80 Euro."),
        ("2'345 Franken und 1.234,5 km", "2,345 Franken und 1,234.5 km"),
        ("#### 2 345,75", "#### 2 345.75"),
        ("0,125 Liter", "0.125 Liter"),
        ("1,234", "1,234"),
        ("1.234", "1.234"),
        ("4, 5 and 6", "4, 5 and 6"),
        ("4,5,6", "4,5,6"),
        ("(4,5)", "(4,5)"),
        ("steps 1,2 and 3", "steps 1,2 and 3"),
        ("It is 1.25 and then 4,5.", "It is 1.25 and then 4,5."),
        ("$1,200 and $80,50", "$1,200 and $80,50"),
        ("Ann's 12 and '345'", "Ann's 12 and '345'"),
    ],
)
def test_decimal_commas_are_found_out(text: str, read: str) -> None:
    assert pointed(text) == read


def test_what_stands_before_decimals_can_be_said() -> None:
    assert pointed("1,234 und 1.234", "comma") == "1.234 und 1,234"
    assert pointed("17,80", "point") == "17,80"
    comma = verifier_of({"kind": "numeric", "decimal": "comma"})
    assert comma.verify("Das sind 1.234 Euro.", "1234").status == "correct"
    assert comma.verify("#### 1,234", "1234").status == "wrong"
    assert comma.verify("#### 1,234", "1,234").status == "correct"
    point = verifier_of({"kind": "numeric", "decimal": "point"})
    assert point.verify("#### 4,50", "4.5").status == "unparsed"


@given(st.text(alphabet="0123456789.,' -abc\n"), st.sampled_from(["auto", "point", "comma"]))
def test_every_character_keeps_its_place(text: str, decimal: str) -> None:
    read = pointed(text, decimal)  # type: ignore[arg-type]
    assert len(read) == len(text)
    marks = set(".,'")
    assert all(a == b or {a, b} <= marks for a, b in zip(text, read, strict=True))
