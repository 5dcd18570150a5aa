"""Numbers in Chinese and Japanese numerals, alone and behind digits.

"二十七"       27            "两万三千"     23000
"6万"          60000         "1億2000万"    120000000
"一共"         None: one numeral alone may be part of a word
"""

from __future__ import annotations

import re
from fractions import Fraction

from cotkd.rationales.number import Number, Rational, decimal

_DIGITS = {char: value for value, char in enumerate("〇一二三四五六七八九")}
_DIGITS |= {"零": 0, "两": 2, "兩": 2}
_DIGITS |= {char: value for value, char in enumerate("壹贰叁肆伍陆柒捌玖", 1)}
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_MYRIADS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8, "兆": 10**12}
_ANY = "".join([*_DIGITS, *_TENS, *_MYRIADS])
_PLACES = "".join([*_TENS, *_MYRIADS])

NUMERAL = re.compile(
    rf"(?P<minus>负|負|マイナス|-)?"
    rf"(?P<body>[{_ANY}](?:[{_ANY}]|(?<=[{_PLACES}])\d)*|"
    rf"(?<![\d.,])\d{{1,15}}(?:,\d{{3}}){{0,5}}(?:\.\d{{1,15}})?[ ]?[{_PLACES}]"
    rf"(?:[{_ANY}]|(?<=[{_PLACES}])\d{{1,15}}(?![\d.]))*)"
)
"""One number that holds such a numeral."""

_TOKEN = re.compile(rf"\d+(?:,\d{{3}})*(?:\.\d+)?|[{_ANY}]")
MAX_LENGTH = 40


def read_numeral(match: re.Match[str]) -> Number | None:
    """Return the number of a `NUMERAL` match, or None where it is none."""
    body = match["body"].replace(" ", "")
    value = _value(body) if len(body) <= MAX_LENGTH else None
    if value is None:
        return None
    return Number(-value if match["minus"] else value)


def _value(body: str) -> Rational | None:
    """Add up the groups before 亿 and 万, each of places and digits."""
    if all(char in _DIGITS for char in body):
        return int("".join(str(_DIGITS[char]) for char in body))
    total: Rational = 0
    group: Rational = 0
    digit: Rational | None = None
    for token in _TOKEN.findall(body):
        if token in _TENS:
            group += (1 if digit is None else digit) * _TENS[token]
            digit = None
        elif token in _MYRIADS:
            amount = group + (digit or 0)
            if token in "亿億兆" and total:
                total, amount = 0, total + amount
            total += (amount or 1) * _MYRIADS[token]
            group, digit = 0, None
        else:
            digit = _DIGITS[token] if token in _DIGITS else decimal(token)
            if digit is None:
                return None
    value = total + group + (digit or 0)
    return int(value) if isinstance(value, Fraction) and value.denominator == 1 else value


def has_numeral(text: str) -> bool:
    """Whether a text holds such a numeral at all: a quick look."""
    return not text.isascii() and any(char in text for char in _ANY)
