r"""The value at which a rationale's own calculation arrives, and whether it is an answer.

"9 + 3 = <<9+3=12>>12 eggs, of which 4 are boiled"   12: the right side of the last annotation
"She has 9 + 3 = 12 eggs, so 12 / 4 = 3 boxes."      3: without annotations, of the last `=`
"She has a dozen eggs."                              None: nothing is calculated
"""

from __future__ import annotations

import re

from cotkd.rationales.arithmetic import evaluate
from cotkd.rationales.number import NUMBER, Number, agree, parse_number, plain, read
from cotkd.rationales.text import MAX_TEXT

_SPACE = re.compile(r"[\s$\\{(*]*")
_ARITHMETIC = re.compile(r"[-+*/×·÷()\d.,\s$€£%]{1,200}")


def last_value(text: str) -> Number | None:
    """Return the right side of the last equation of `text`; None where there is none to read."""
    text = plain(text[:MAX_TEXT])
    at = text.rfind("=")
    return _leading(text, at + 1) if at >= 0 else None


def same_answer(one: str, other: str) -> bool:
    """Whether two answers are equal: as numbers, and as words where one of them is no number."""
    first, second = parse_number(one), parse_number(other)
    if first is None or second is None:
        return " ".join(one.casefold().split()) == " ".join(other.casefold().split())
    return agree(first, second)


def _leading(text: str, at: int) -> Number | None:
    """Return the value of the arithmetic, most often a single number, that begins at `at`."""
    match = _ARITHMETIC.match(text, at)
    value = _value(match[0].strip().rstrip(" \n\t.,-(")) if match else None
    if value is not None:
        return value
    space = _SPACE.match(text, at)
    number = NUMBER.match(text, space.end() if space else at)
    return read(number) if number else None


def _value(text: str) -> Number | None:
    number = parse_number(text.strip().removeprefix("$"))
    if number is not None:
        return number
    value = evaluate(text)
    return None if value is None else Number(value)
