"""An amount is a number with all that belongs to it; what only looks like one is passed over."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.rationales.amount import amounts
from cotkd.rationales.number import parse_number, plain
from cotkd.rationales.numeral import NUMERAL, read_numeral


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("6 feet 4 inches", ["19/3"]),
        ("5 dollars and 50 cents", ["5.5"]),
        ("5 hours 20 miles", ["5", "20"]),
        ("2⁵ and 2^5", ["32", "32"]),
        ("4! of 5", ["24", "5"]),
        ("6万 and 二十七", ["60000", "27"]),
        ("84 m^2", ["84"]),
        ("12 points (p < 0.05)", ["12"]),
        ("x^2 + a_1", []),
        ("$4.5 M", ["4.5"]),
        ("3 × 10⁴", ["30000"]),
        ("**Total** 18", ["18"]),
        ("-2^2", ["-4"]),
    ],
)
def test_amounts_are_read_whole(text: str, found: list[str]) -> None:
    assert [amount.number.spelling for amount in amounts(plain(text))] == found


@given(st.text(alphabet="0123456789^*!⁵ hoursminutes万二十.-", max_size=60))
def test_amounts_stand_in_order_and_inside_the_text(text: str) -> None:
    end = 0
    for amount in amounts(text):
        assert end <= amount.start < amount.end <= len(text)
        end = amount.end


DIGITS = [chr(code) for code in range(0x20000) if unicodedata.decimal(chr(code), None) == 7]


@pytest.mark.parametrize("seven", DIGITS, ids=[f"U+{ord(digit):04X}" for digit in DIGITS])
def test_the_digits_of_every_script_are_read(seven: str) -> None:
    number = parse_number(seven * 2)
    assert number is not None
    assert number.value == 77


PLACES = ["", "十", "百", "千"]


@given(st.integers(1, 99_999_999))
def test_every_chinese_numeral_is_read_as_it_is_spelt(value: int) -> None:
    match = NUMERAL.fullmatch(_spelt(value))
    assert match is not None
    number = read_numeral(match)
    assert number is not None
    assert number.value == value


def _spelt(value: int) -> str:
    high, low = divmod(value, 10_000)
    return (_spelt(high) + "万" if high else "") + "".join(
        f"{'零一二三四五六七八九'[int(digit)]}{PLACES[place]}"
        for place, digit in reversed(list(enumerate(reversed(str(low)))))
        if digit != "0"
    )
