r"""One amount in running text: a number with all that belongs to it.

    "6 feet 4 inches"     19/3, or 76: two units of one amount
    "2⁵", "2^5"           32
    "4!"                  24, or 4: an exclamation
    "6万", "二十七"         60000, 27

What looks like a number and is none is passed over: the exponent of a unit ("84 m^2") and a p-value
("p < 0.05").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from math import factorial
from typing import NamedTuple

from cotkd.rationales.number import NUMBER, RAISED, Number, Rational, exponent_of, ratio, read
from cotkd.rationales.numeral import NUMERAL, has_numeral, read_numeral
from cotkd.rationales.units import PARTS, unit_of


class Amount(NamedTuple):
    """An amount and where it stands."""

    number: Number
    start: int
    end: int


_SECOND = re.compile(
    r"[ ]?([A-Za-z]{1,11})\.?(?:,?[ ]and|,)?[ ](\d{1,9}(?:\.\d{1,9})?)[ ]?([A-Za-z]{1,11})\b",
    re.ASCII,
)
_POWER = re.compile(rf"(?:\^|\*\*)[ ]?(?:\{{-?\d{{1,3}}\}}|-?\d{{1,3}}(?![\d.]))|{RAISED}")
_EXCLAIMED = re.compile(r"!(?![=!\w])")
_EXPONENT = re.compile(r"(?:[A-Za-z)}](?:[ ]?\^[ ]?|\*\*)\{?-?|_\{?)\Z")
_MONEY = re.compile(r"[ ]?([mMbB])(?![\w'’])")
_MONEY_SCALES = {"m": 10**6, "b": 10**9}
"""Behind a currency these letters are no units: "$4.5 M"."""
_P_VALUE = re.compile(
    r"(?:\b[pP](?:[ -]?value)?|\balpha|\\alpha|α)[ ]?(?:(?:of|is|was)[ ]|[<>=≤≥]|\\[lg]eq?[ ]?)"
    r"[ ]?(?:about[ ])?\Z|\b[pP][ -]?value[ ]\Z"
)
_SAMPLE = re.compile(r"\b[pP][ ]?[<>=≤≥][^()]{1,15}[,;][ ]?(?:[nN]|df)[ ]?=[ ]?\Z")
_SHARE = re.compile(r"0?\.\d|0\b|1\.0\b|0?\.?\d+[ ]?[eE×x]|1[ ]?[×x]")
MAX_FACTORIAL = 100
MAX_BITS = 2048
"""Size of a power."""


def amount_at(text: str, at: int) -> Amount | None:
    """Return the amount that begins at `at`, if one does."""
    if has_numeral(text) and (numeral := NUMERAL.match(text, at)):
        return _in_numerals(numeral)
    match = NUMBER.match(text, at)
    return _amount(text, match) if match else None


def amounts(text: str, begin: int = 0, end: int | None = None) -> Iterator[Amount]:
    """Yield the amounts between two places, in order."""
    end = len(text) if end is None else end
    if has_numeral(text):
        yield from _with_numerals(text, begin, end)
        return
    while match := NUMBER.search(text, begin, end):
        found = None if _is_aside(text, match.start()) else _amount(text, match)
        begin = max(match.end(), found.end if found else 0)
        if found is not None:
            yield found


def _with_numerals(text: str, begin: int, end: int) -> Iterator[Amount]:
    while begin < end:
        match, numeral = NUMBER.search(text, begin, end), NUMERAL.search(text, begin, end)
        if numeral and (match is None or numeral.start() <= match.start()):
            found = _in_numerals(numeral)
            begin = numeral.end()
        elif match:
            found = None if _is_aside(text, match.start()) else _amount(text, match)
            begin = max(match.end(), found.end if found else 0)
        else:
            return
        if found is not None:
            yield found


def _in_numerals(match: re.Match[str]) -> Amount | None:
    number = read_numeral(match)
    return None if number is None else Amount(number, *match.span())


def _is_aside(text: str, start: int) -> bool:
    """Whether a number at `start` is an exponent, an index or a p-value."""
    before = text[max(0, start - 30) : start]
    if not before or before[-1] not in "^*{_-=<> ≤≥q":
        return False
    if text[start] in "0.1<" and _P_VALUE.search(before):
        return _SHARE.match(text, start) is not None
    return _EXPONENT.search(before) is not None or _SAMPLE.search(before) is not None


def _amount(text: str, match: re.Match[str]) -> Amount | None:
    number, end = read(match), match.end()
    if number is None or end >= len(text) or number.value is None:
        return None if number is None else Amount(number, match.start(), end)
    start, value, after = match.start(), number.value, text[end]
    if after in " mb" and text[start] in "$€£" and (money := _MONEY.match(text, end)):
        return Amount(Number(value, _MONEY_SCALES[money[1].lower()]), start, money.end())
    if after in "^*⁻⁰¹²³⁴⁵⁶⁷⁸⁹" and number.scale == 1 and (power := _POWER.match(text, end)):
        raised = _raised(value, exponent_of(power[0]))
        return None if raised is None else Amount(Number(raised), start, power.end())
    if after == "!" and _EXCLAIMED.match(text, end) and _counts(value):
        product = factorial(int(value))
        return Amount(Number(product, Fraction(value, product)), start, end + 1)
    if (after == " " or after.isalpha()) and number.scale == 1 and not number.half:
        return _with_second_unit(text, Amount(number, start, end), value)
    return Amount(number, start, end)


def _counts(value: Rational) -> bool:
    return isinstance(value, int) and 2 < value <= MAX_FACTORIAL


def _raised(value: Rational, exponent: int) -> Rational | None:
    if value.numerator.bit_length() * abs(exponent) > MAX_BITS or (not value and exponent <= 0):
        return None
    base = abs(Fraction(value))
    raised = Fraction(base.numerator ** abs(exponent), base.denominator ** abs(exponent))
    raised = 1 / raised if exponent < 0 else raised
    raised = -raised if value < 0 else raised
    return int(raised) if raised.denominator == 1 else raised


def _with_second_unit(text: str, found: Amount, value: Rational) -> Amount:
    second = _SECOND.match(text, found.end)
    if second is None:
        return found
    parts = PARTS.get((unit_of(second[1]) or "", unit_of(second[3]) or ""))
    if parts is None:
        return found
    rest = Fraction(second[2]) / parts
    whole = value - rest if value < 0 else value + rest
    return Amount(
        Number(ratio(whole.numerator, whole.denominator), parts), found.start, second.end()
    )
