"""Answers that are not the gold answer but look like it: what a verifier must not let through.

    other_answers("1,200", "numeric")    negated -1200, one more 1201, swapped digits 2100, …
    other_answers("B", "choice", …)      A, C, …
    other_answers("yes", "boolean")      no

Only values that differ are returned: 7 has no other rounding, and 55 no swapped digits.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from cotkd.rationales.gold import read_gold
from cotkd.rationales.number import Number, Rational, agree, canonical
from cotkd.verify.boolean import Boolean
from cotkd.verify.option import LETTERS, chosen


class Perturbed(NamedTuple):
    """A wrong answer, and how it was made of the right one."""

    how: str
    answer: str


def other_answers(
    gold: str, kind: str, *, choices: Sequence[str] = (), others: Sequence[str] = ()
) -> list[Perturbed]:
    """Return wrong answers that a verifier of that kind must tell from `gold`.

    Args:
        gold: The right answer.
        kind: Kind of the verifier: numbers are changed for `numeric`, `math` and `program`.
        choices: Texts of the options, for `choice`.
        others: Gold answers of other questions, for answers that are words.
    """
    if kind == "choice":
        return _other_options(gold, choices)
    if kind == "boolean":
        meaning = Boolean().verify(gold, gold).expected
        return [] if meaning is None else [Perturbed("opposite", _OPPOSITE[meaning])]
    number = read_gold(gold) if kind in ("numeric", "math", "program", "judge") else None
    if number is not None:
        return _other_numbers(number)
    different = (other for other in others if _folded(other) != _folded(gold))
    other = next(different, None)
    return [] if other is None else [Perturbed("other question's", other)]


_OPPOSITE = {"yes": "no", "no": "yes"}


def _folded(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _other_options(gold: str, choices: Sequence[str]) -> list[Perturbed]:
    right = chosen(gold, choices)
    if not right or not choices:
        return []
    letters = (chosen(letter, choices) for letter in LETTERS[: len(choices)])
    wrong = dict.fromkeys(letter for letter in letters if letter and letter != right)
    return [Perturbed("other option", letter) for letter in wrong]


def _other_numbers(gold: Number) -> list[Perturbed]:
    if gold.value is None:
        return [Perturbed("a number", "0")]
    value = gold.value
    made: dict[str, Rational] = {
        "negated": -value,
        "one more": value + 1,
        "tenfold": value * 10,
        "rounded": round(Fraction(value)),
        "a digit changed": _changed(value),
        "swapped digits": _swapped(value),
    }
    found: dict[str, Perturbed] = {}
    for how, other in made.items():
        answer = canonical(other)
        if not agree(Number(other), gold):
            found.setdefault(answer, Perturbed(how, answer))
    return list(found.values())


def _changed(value: Rational) -> Rational:
    """Return `value` with its leading digit counted up, 9 becoming 1."""
    whole = abs(int(value))
    top = 10 ** (len(str(whole)) - 1)
    leading = whole // top
    moved = (leading % 9 + 1 - leading) * top
    return value + (moved if value >= 0 else -moved)


def _swapped(value: Rational) -> Rational:
    """Return `value` with its first two different neighbouring digits swapped."""
    digits = str(abs(int(value)))
    for at in range(len(digits) - 1):
        if digits[at] != digits[at + 1]:
            swapped = digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]
            moved = int(swapped) - int(digits)
            return value + (moved if value >= 0 else -moved)
    return value
