"""Numeric verdicts: exact, three-valued, and never an exception."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.errors import SettingError
from cotkd.verify import Numeric, verify

ANY_TEXT = st.text(st.characters(codec=None))


@pytest.mark.parametrize(
    ("text", "gold", "status"),
    [
        ("1,000", "2,000", "wrong"),
        ("1,000", "0", "wrong"),
        ("1,000", "1000", "correct"),
        ("-5", "5", "wrong"),
        ("18.00", "18", "correct"),
        ("3/4", "0.75", "correct"),
        ("0.333", "1/3", "wrong"),
        ("60%", "60", "correct"),
        ("60%", "0.6", "correct"),
        ("60", "0.6", "wrong"),
        ("cannot be determined", "5", "wrong"),
        ("cannot be determined", "None", "correct"),
        ("None", "None", "correct"),
        ("The answer cannot be determined because 3 of the 5 prices are missing.", "5", "wrong"),
        ("The answer cannot be determined from the 3 facts given.", "3", "wrong"),
        ("The answer cannot be determined from the 3 facts given.", "None", "correct"),
        ("Not enough information: we need 2 prices", "2", "wrong"),
        ("It cannot be determined exactly, but it is about 18.", "18", "correct"),
        ("None of the 5 are left, 18 are sold.", "18", "correct"),
        ("The answer is: cannot be determined", "5", "wrong"),
        ("#### None", "None", "correct"),
        ("#### 5", "None", "wrong"),
        (r"\boxed{1{,}234}", "$1{,}234$", "correct"),
        ("so it costs $1{,}234$", "1234", "correct"),
        (r"\boxed{1\frac{1}{2}}", "1.5", "correct"),
        (r"The answer is $2\frac{3}{4}$.", r"2\frac{3}{4}", "correct"),
        ("#### 2.75", r"$2\frac{3}{4}$", "correct"),
        ("The answer is three quarters.", "0.75", "correct"),
        ("The answer is three quarters.", "3", "wrong"),
        ("The answer is one and a half hours.", "1.5", "correct"),
        ("The answer is negative", "5", "unparsed"),
        ("The answer is two dozen.", "24", "correct"),
        ("The answer is half a dozen.", "6", "correct"),
        ("The answer is a hundred and five.", "105", "correct"),
        ("The answer is 1 and 1/2.", "3/2", "correct"),
        ("The answer is 1 and 1/2.", "1", "wrong"),
        ("The answer is 5 dozen eggs.", "60", "correct"),
        ("The answer is $5k.", "5000", "correct"),
        ("The answer is 5 km.", "5000", "wrong"),
        (r"\boxed{2\sqrt{3}}", "2", "unparsed"),
        (r"\boxed{x = 2\sqrt{3}}", "2", "unparsed"),
        (r"\boxed{3\pi}", "3", "unparsed"),
        (r"\boxed{18x}", "18", "unparsed"),
        (r"\boxed{18\text{ x}}", "18", "correct"),
        (r"The answer is \sqrt{16}", "16", "unparsed"),
        (r"The answer is \sqrt{16} = 4", "4", "correct"),
        (r"so it is 2\sqrt{3}", "3", "unparsed"),
        ("The answer is 18 or 19", "18", "unparsed"),
        ("#### 18 or 19", "18", "unparsed"),
        ("The answer is 1/2 or 0.5", "0.5", "correct"),
        ("The answer is not 18", "18", "unparsed"),
        ("The answer is not 18, but 19.", "19", "correct"),
        ("#### 5", r"2\sqrt{5}", "unparsed"),
        ("no number", "5", "unparsed"),
        ("no number", "none here either", "unparsed"),
        ("#### 5", "no gold", "unparsed"),
        ("", "", "unparsed"),
    ],
)
def test_verdicts(text: str, gold: str, status: str) -> None:
    assert verify(text, gold).status == status


@given(st.fractions(), st.fractions())
def test_a_verdict_is_exact_equality(one: Fraction, other: Fraction) -> None:
    assert (verify(f"#### {one}", str(other)).status == "correct") == (one == other)


@given(st.floats(-1e300, 1e300))
def test_doubles_verify_against_themselves_and_not_against_their_neighbours(value: float) -> None:
    gold = repr(value)
    exact = Fraction(gold)
    assert verify(f"The answer is {gold}.", gold).status == "correct"
    for other in (repr(value * 1.0000001), repr(-value), repr(float(round(value)))):
        expected = "correct" if Fraction(other) == exact else "wrong"
        assert verify(f"The answer is {other}.", gold).status == expected


@given(ANY_TEXT, ANY_TEXT)
def test_any_two_texts_have_a_verdict_that_survives_json(text: str, gold: str) -> None:
    verdict = verify(text, gold)
    assert verdict.to_json()
    if verdict.status == "correct":
        assert verdict.extracted is not None
        assert verdict.expected is not None


@given(ANY_TEXT)
def test_two_texts_without_digits_or_words_are_never_equal(text: str) -> None:
    text = "".join(char for char in text if not char.isnumeric())
    if verify(text, text).expected is None:
        assert verify(text, text).status == "unparsed"


@given(st.integers(-(10**6), 10**6), st.integers(0, 100))
def test_tolerance_is_relative_to_the_gold_answer_and_off_by_default(
    gold: int, percent: int
) -> None:
    text = f"#### {Fraction(gold) * (100 + percent) / 100}"
    near = Numeric(tolerance=0.5)
    assert (near.verify(text, str(gold)).status == "correct") == (percent <= 50 or gold == 0)
    assert (verify(text, str(gold)).status == "correct") == (percent == 0 or gold == 0)


def test_markers_are_a_setting() -> None:
    text = "=> 5\nThe answer is 7."
    assert verify(text, "5", {"kind": "numeric", "markers": ["=>"]}).status == "correct"
    assert verify("5 and 7", "7", Numeric(markers=("####",))).status == "unparsed"


def test_a_misspelt_verifier_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(SettingError, match="did you mean 'numeric'"):
        verify("5", "5", "numerik")


def test_the_package_itself_can_be_called() -> None:
    import cotkd.verify.numeric as module

    package = __import__("sys").modules["cotkd.verify"]
    assert module.Numeric is Numeric
    assert package("#### 5", "5").status == "correct"  # type: ignore[operator]
