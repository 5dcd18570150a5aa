r"""Numbers as people and models write them, read exactly and never with `eval`.

    "1,000" → 1000      "-$1,200.50" → -2401/2     "3/4", "\frac{3}{4}" → 3/4     "1 1/2" → 3/2
    "18.00" → 18        "1.000.000" → 1000000      "9.3e12" → 9300000000000       "−5" → -5

Two spellings leave a choice, so a `Number` carries both readings: "20%" is 20 or 1/5, and
"1.5 million" is 1.5 or 1500000, like "5 dozen", "$5k", "4 lakh", "2bn". It equals another number
when any of their readings agree (`agree`), so "60%" equals "60" and "0.6", and "60" does not equal
"0.6".

A clock time is read as hours, "3:30 PM" as 3.5, "2:00" as 2; it equals "3:30" and "15:30", but not
"3:30 AM".

Text is hostile: a run of more than `MAX_DIGITS` digits is not a number, powers of ten are bounded,
and every pattern takes linear time.
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from typing import NamedTuple

from cotkd.rationales.language import SCALE_WORDS, alternatives

Rational = int | Fraction

MAX_DIGITS = 400
"""Longer digit runs are not read; the largest double has 309."""
MAX_EXPONENT = 400
"""Bound on powers of ten in scientific notation."""

_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f"
_INVISIBLE = (
    "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
)
_REMEMBERED = 20_000


class _Plain(dict[int, str]):
    """Maps a character to its plain spelling, and every decimal digit of Unicode to its value."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        digit = unicodedata.decimal(char, None)
        spelling = char if digit is None else str(digit)
        if len(self) < _REMEMBERED:
            self[code] = spelling
        return spelling


_PLAIN = _Plain(
    {
        **dict.fromkeys(map(ord, "\u2212\u2010\u2011\u2012\u2013\ufe63\uff0d"), "-"),
        **dict.fromkeys(map(ord, _SPACES + "\u205f\u3000" + _INVISIBLE), " "),
        **dict(
            zip(
                map(ord, "\uff0c\uff0e\uff1a\uff1d\uff04\uff05\uff0b\uff08\uff09"),
                ",.:=$%+()",
                strict=True,
            )
        ),
        # the fraction slash, and the decimal, thousands and per cent signs of Arabic
        **dict(zip(map(ord, "\u2044\u066b\u066c\u066a"), "/.,%", strict=True)),
    }
)

_VULGAR = {
    "½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅖": (2, 5),
    "⅗": (3, 5), "⅘": (4, 5), "⅙": (1, 6), "⅚": (5, 6), "⅛": (1, 8), "⅜": (3, 8), "⅝": (5, 8),
    "⅞": (7, 8),
}  # fmt: skip
VULGAR = {char: Fraction(*parts) for char, parts in _VULGAR.items()}
"""Single characters that stand for a fraction."""

_SCALES: dict[str, Rational] = {
    "%": Fraction(1, 100), "\\%": Fraction(1, 100), "percent": Fraction(1, 100),
    **SCALE_WORDS, "k": 10**3, "m": 10**6, "b": 10**9,
}  # fmt: skip

_CURRENCY = r"(?:\\?\$|[€£¥₹]|(?<![A-Za-z])(?:Rs\.?|USD|EUR|GBP|INR))"
_GROUPED = r"\d{1,3}(?:(?:,\d{2,3})*,|(?:\{,\}\d{2,3})*\{,\})\d{3}(?!\d)(?:\.\d+)?"
_DOTTED = r"\d{1,3}(?:(?:\.\d{3}){2,}(?!\d)(?:,\d{1,2}(?!\d))?|(?:\.\d{3})+,\d{1,2}(?![\d,]))"
_SPACED = r"[1-9]\d{0,2}(?:[ ]\d{3})+(?![\d/,])(?:\.\d+)?"
_PLAIN_DIGITS = r"\d+(?:\.\d+)?|(?<!\d)\.\d+"
_VULGARS = "".join(_VULGAR)
_SCALE = alternatives(list(SCALE_WORDS))
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
RAISED = f"⁻?[{_RAISED}]{{1,4}}"
"""Pattern of a raised exponent."""

NUMBER = re.compile(
    rf"""
    (?:(?P<minus>(?<![\w)\]}}%.])-)(?:{_CURRENCY}[ ]?)?|{_CURRENCY}[ ]?(?P<inner>-)?)?
    (?:(?<=Rs)|(?<=USD|EUR|GBP|INR)|(?<![A-Za-z\d])(?<![A-Za-z\d]_))
    (?:
        (?P<mixed>\d{{1,15}}[ ]?)?
        (?P<frac>\\[dt]?frac[ ]?(?:\{{(?P<upper>-?\d+)\}}\{{(?P<lower>\d+)\}}|(?P<pair>\d\d)))
      | (?P<hours>\d{{1,2}}):(?P<minutes>[0-5]\d)(?![\d:])
      | (?P<whole>\d+[ ])?(?P<top>\d+)[ ]?/[ ]?(?P<bottom>\d+)(?![\d/])
      | (?P<before>\d*)[ ]?(?P<vulgar>[{_VULGARS}])
      | (?P<digits>{_GROUPED}|{_DOTTED}|{_SPACED}|{_PLAIN_DIGITS})
        (?P<power>
            [eE][-+]?\d{{1,4}}(?!\w)
          | [ ]?(?:\\times|\\cdot|[x×*·])[ ]?10(?:[ ]?(?:\^|\*\*)[ ]?\{{?-?\d{{1,4}}\}}?|{RAISED})
        )?
    )
    (?:[ ]?(?P<suffix>\\?%|percent\b|(?ui:(?:{_SCALE})(?!\w))|(?<=\d)[kKMB]\b)
       |[ ]?(?P<half>[AaPp]\.?[Mm]\b\.?))?
    """,
    re.VERBOSE | re.ASCII,
)
"""One number in running text, with its sign, currency, per cent sign or scale word."""

_SEPARATORS = re.compile("[, {}]")
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_DOTTED_ONLY = re.compile(_DOTTED, re.ASCII)
_LOWERED = str.maketrans(f"⁻{_RAISED}", "-0123456789")
_RAISED_LAST = re.compile(f"{RAISED}$")
_EXPONENT = re.compile(r"-?\d+\}?$")


class Number(NamedTuple):
    """A number as written, and the factor of its per cent sign or scale word (1 without).

    `ABSTENTION` has no value: it stands for "None", "cannot be determined" and the like.
    """

    value: Rational | None
    scale: Rational = 1
    half: str = ""
    """`a` before noon, `p` after it, where a clock time says so."""

    @property
    def spelling(self) -> str:
        """The canonical spelling of the value as written; `none` for an abstention."""
        return "none" if self.value is None else canonical(self.value)


ABSTENTION = Number(None)


def plain(text: str) -> str:
    """Replace Unicode minus signs, spaces and digits by ASCII, character for character."""
    return text if text.isascii() else text.translate(_PLAIN)


def agree(one: Number, other: Number) -> bool:
    """Whether any reading of `one` equals any reading of `other`, exactly."""
    if one.half or other.half:
        return _same_time(one, other)
    if one.value == other.value:
        return True
    if one.scale == other.scale or one.value is None or other.value is None:
        return False
    long, other_long = one.value * one.scale, other.value * other.scale
    return long in (other.value, other_long) or one.value == other_long


def _same_time(one: Number, other: Number) -> bool:
    """Compare on the 24-hour clock; "3:30" alone is "3:30 AM" or "3:30 PM"."""
    if one.value == other.value and not (one.half and other.half):
        return True
    return one.value is not None and _hour(one) == _hour(other)


def _hour(time: Number) -> Rational | None:
    if time.value is None or not time.half or not 1 <= time.value < 13:
        return time.value
    return time.value % 12 + (12 if time.half == "p" else 0)


def canonical(value: Rational) -> str:
    """Return one spelling per value: `18`, `-0.75`, and `1/3` where no decimal ends."""
    if isinstance(value, int) or value.denominator == 1:
        return str(int(value))
    twos, rest = _power_of(2, value.denominator)
    fives, rest = _power_of(5, rest)
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    places = max(twos, fives)
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    return f"{'-' if value < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def parse_number(text: str) -> Number | None:
    """Read `text` as one number and nothing else (white space and a final full stop aside)."""
    text = plain(text).strip().rstrip(".")
    if _INTEGER.fullmatch(text):
        return Number(int(text))
    match = NUMBER.fullmatch(text.removeprefix("+"))
    return read(match) if match else None


def read(match: re.Match[str]) -> Number | None:
    """Return the number of a `NUMBER` match, or None where it is too long or divides by zero."""
    value = _magnitude(match)
    if value is None:
        return None
    if match["minus"] or match["inner"]:
        value = -value
    half = (match["half"] or "")[:1].lower()
    return Number(value, _SCALES[match["suffix"].lower()] if match["suffix"] else 1, half)


def _magnitude(match: re.Match[str]) -> Rational | None:
    if digits := match["digits"]:
        value = decimal(digits)
        return value if value is None or not match["power"] else _times_power(value, match["power"])
    if match.end() - match.start() > MAX_DIGITS:
        return None
    if vulgar := match["vulgar"]:
        return int(match["before"] or 0) + VULGAR[vulgar]
    if hours := match["hours"]:
        return int(hours) + ratio(int(match["minutes"]), 60)
    if pair := match["pair"]:
        upper, lower = int(pair[0]), int(pair[1])
    elif match["frac"]:
        upper, lower = int(match["upper"]), int(match["lower"])
    else:
        upper, lower = int(match["top"]), int(match["bottom"])
    return int(match["whole"] or match["mixed"] or 0) + ratio(upper, lower) if lower else None


def decimal(digits: str) -> Rational | None:
    """Read unsigned digits with thousands separators and a decimal point; None if too long."""
    if len(digits) > MAX_DIGITS:
        return None
    if digits.isdigit():
        return int(digits)
    if _DOTTED_ONLY.fullmatch(digits):
        digits = digits.replace(".", "").replace(",", ".")
    whole, _, places = _SEPARATORS.sub("", digits).partition(".")
    if not places.strip("0"):
        return int(whole or 0)
    return Fraction(int(whole + places), 10 ** len(places))


def ratio(upper: int, lower: int) -> Rational:
    """Return `upper / lower`, as an int where it is one."""
    quotient, rest = divmod(upper, lower)
    return Fraction(upper, lower) if rest else quotient


def _times_power(value: Rational, power: str) -> Rational | None:
    exponent = exponent_of(power)
    if abs(exponent) > MAX_EXPONENT:
        return None
    factor: int = 10 ** abs(exponent)
    return value * factor if exponent > 0 else Fraction(value) / factor


def exponent_of(power: str) -> int:
    """Return the exponent that `power` ends in, raised or behind a sign."""
    if raised := _RAISED_LAST.search(power):
        return int(raised[0].translate(_LOWERED))
    found = _EXPONENT.search(power)
    assert found is not None
    return int(found[0].rstrip("}"))


def _power_of(prime: int, number: int) -> tuple[int, int]:
    count = 0
    while number % prime == 0:
        number //= prime
        count += 1
    return count, number
