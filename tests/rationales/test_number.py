"""Numbers are read exactly, in every spelling, and bounded."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.rationales.number import (
    MAX_DIGITS,
    NUMBER,
    agree,
    canonical,
    parse_number,
    plain,
    read,
)

SPELLINGS = {
    "18": [
        "18",
        "18.00",
        "18.",
        " 18 ",
        "$18",
        "18%",
        "€18",
        "+18",
        "\\$18",
        "１８",
        "18.0",
        "USD18",
        "Rs18",
        "Rs. 18",
        "EUR 18",
    ],
    "-5": ["-5", "\u22125", "-$5", "$-5", "\u20135", "-5.0"],
    "1200.5": ["1,200.50", "$1,200.5", "1200.5", "1.200,50", "1 200.5"],
    "1000000": ["1,000,000", "1.000.000", "1 000 000", "1e6", "1\u00a0000\u00a0000", "10,00,000"],
    "0.75": ["3/4", ".75", "0.75", "\\frac{3}{4}", "\\dfrac34", "¾", "6/8"],
    "1.5": ["1 1/2", "3/2", "1½", "1:30", "1\\frac{1}{2}", "1 \\frac12"],
    "-2.75": ["-2\\frac{3}{4}"],
    "1234567": ["1{,}234{,}567", "$1{,}234{,}567"],
    "1/3": ["1/3", "2/6", "⅓"],
    "9300000000000": ["9.3e12", "9.3 x 10^12", "9.3 \\times 10^{12}", "9,300,000,000,000"],
    "2": ["2:00", "2"],
}


@pytest.mark.parametrize(("value", "text"), [(v, t) for v, ts in SPELLINGS.items() for t in ts])
def test_spellings_of_one_value_are_read_alike(value: str, text: str) -> None:
    number = parse_number(text)
    assert number is not None
    assert number.spelling == value


@pytest.mark.parametrize(
    "text", ["", "eggs", "1/0", "\\frac{1}{0}", "--5", "1,2,3,4x", "5 + 3", "-", "."]
)
def test_what_is_no_single_number_is_not_read(text: str) -> None:
    assert parse_number(text) is None


@given(st.integers(-(10**30), 10**30))
def test_integers_round_trip_with_and_without_separators(value: int) -> None:
    for text in (str(value), f"{value:,}", f"{value}.00", f"{value:,}.0"):
        number = parse_number(text)
        assert number is not None
        assert number.value == value


@given(st.fractions(max_denominator=10**6))
def test_canonical_spellings_are_read_back_and_differ_for_different_values(value: Fraction) -> None:
    number = parse_number(canonical(value))
    assert number is not None
    assert number.value == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_repr_of_a_double_has_its_exact_decimal_value(value: float) -> None:
    number = parse_number(repr(value))
    assert number is not None
    assert number.value == Fraction(repr(value))


@given(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6))
def test_only_equal_integers_agree(one: int, other: int) -> None:
    first, second = parse_number(f"{one:,}"), parse_number(str(other))
    assert first is not None
    assert second is not None
    assert agree(first, second) == (one == other)


def test_a_per_cent_sign_leaves_both_readings_and_its_absence_only_one() -> None:
    sixty, percent, share = map(parse_number, ("60", "60%", "0.6"))
    assert sixty is not None
    assert percent is not None
    assert share is not None
    assert agree(percent, sixty)
    assert agree(percent, share)
    assert not agree(sixty, share)


def test_scale_words_leave_both_readings() -> None:
    million, full, short = map(parse_number, ("1.5 million", "1,500,000", "1.5"))
    assert million is not None
    assert full is not None
    assert short is not None
    assert agree(million, full)
    assert agree(million, short)
    assert not agree(full, short)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("__18__", ["18"]), ("_18_", ["18"]), ("x18", []), ("x_18", []), ("USD18", ["18"]),
     ("-Rs18", ["-18"]), ("so EUR1200", ["1200"]), ("0x12", ["0"]), ("3x4", ["3"])],
)  # fmt: skip
def test_no_number_is_torn_out_of_another(text: str, numbers: list[str]) -> None:
    found = [read(match) for match in NUMBER.finditer(text)]
    assert [number.spelling for number in found if number] == numbers


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("3:30 AM", "3:30 PM", False), ("15:30", "3:30 PM", True), ("15:30", "3:30 AM", False),
     ("3:30", "3:30 PM", True), ("3:30", "3:30 a.m.", True), ("12:15 AM", "0:15", True),
     ("12:15 PM", "12:15 pm", True), ("3 PM", "3 AM", False), ("3 PM", "15:00", True)],
)  # fmt: skip
def test_clock_times_agree_on_the_24_hour_clock(one: str, other: str, same: bool) -> None:
    first, second = parse_number(one), parse_number(other)
    assert first is not None
    assert second is not None
    assert agree(first, second) == agree(second, first) == same


def test_numbers_beyond_the_limit_are_not_read() -> None:
    assert parse_number("9" * MAX_DIGITS) is not None
    assert parse_number("9" * (MAX_DIGITS + 1)) is None
    assert parse_number("1e9999") is None
    assert parse_number(f"{'9' * 10**6}/7") is None


@given(st.text())
def test_plain_keeps_every_position(text: str) -> None:
    assert len(plain(text)) == len(text)


@given(st.text(alphabet="0123456789.,/ -$%eE½\\frac{}:x^*", max_size=60))
def test_every_number_found_is_read_or_refused_and_spelt_so_that_it_reads_back(text: str) -> None:
    for match in NUMBER.finditer(text):
        number = read(match)
        if number is not None:
            again = parse_number(number.spelling)
            assert again is not None
            assert again.value == number.value
