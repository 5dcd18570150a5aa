r"""A wrong answer to a question: nothing at all, another option, or another number of its kind.

    wrong_answer(question, "number")      # "1,200" → "1,312", "$0.75" → "$0.68", "3/4" → "4/4"
    wrong_answer(question, "choice")      # "B" → "D", "an anvil" → "a feather", "yes" → "no"

It is spelt as the right one is, and is drawn from (seed, question id) and from nothing else, so
that the same question gets the same wrong answer in every run.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import islice
from typing import Literal

from cotkd.errors import DataError
from cotkd.types import Question

Wrong = Literal["empty", "choice", "number", "other"]
"""`empty` is the empty string; `other` is another option where there are options, else a number."""

SPREAD = 5
"""A wrong number is within a fifth of the right one, or within 2 of it."""

_LETTER = re.compile(r"(?P<open>\(?)(?P<letter>[A-Za-z])(?P<close>[).:]*)")
_OPPOSITES = {"yes": "no", "true": "false", "correct": "incorrect"}
_OPPOSITES |= {other: one for one, other in _OPPOSITES.items()}
_NUMERAL = re.compile(r"(?P<whole>\d[\d,]*)(?:\.(?P<places>\d+))?|\.(?P<only>\d+)", re.ASCII)
_DIGITS = 15
_TRIES = 64


def wrong_answer(question: Question, kind: Wrong = "other", *, seed: int = 0) -> str:
    """Return a wrong answer of some kind.

    Raises:
        DataError: the question has no answer of that kind.
    """
    return "" if kind == "empty" else wrong_answers(question, 1, kind=kind, seed=seed)[0]


def wrong_answers(
    question: Question,
    count: int,
    *,
    kind: Literal["choice", "number", "other"] = "other",
    seed: int = 0,
) -> list[str]:
    """Return up to `count` different wrong answers, at least one; the first is `wrong_answer`'s."""
    drawn = random.Random(f"{seed}\x1f{question.id}")
    found: list[str] = []
    if kind in ("choice", "other"):
        found = _options(question, drawn)
    if not found and kind in ("number", "other"):
        found = list(islice(_numbers(question.answer, drawn), count))
    if not found:
        raise DataError(
            f"question {question.id!r}: no wrong answer of kind {kind!r} can be made of "
            f"{question.answer!r}: contrast it with an empty answer, or give wrong answers"
        )
    return found[:count]


def _options(question: Question, drawn: random.Random) -> list[str]:
    """Return the other options, in the drawn order, spelt as letters or texts as the answer is."""
    answer = question.answer.strip()
    if not question.choices:
        opposite = _OPPOSITES.get(answer.casefold())
        return [] if opposite is None else [_in_case_of(answer, opposite)]
    texts = [_bare(choice) for choice in question.choices]
    named = _LETTER.fullmatch(answer)
    place = ord(named["letter"].upper()) - ord("A") if named else -1
    if named and _bare(answer) not in texts and place < len(texts):
        letters = [
            chr(ord("A" if named["letter"].isupper() else "a") + other)
            for other, text in enumerate(texts)
            if text != texts[place]
        ]
        others = [f"{named['open']}{letter}{named['close']}" for letter in letters]
    else:
        others = [choice for choice in question.choices if _bare(choice) != _bare(answer)]
    drawn.shuffle(others)
    return others


def _bare(option: str) -> str:
    return " ".join(option.casefold().split())


def _in_case_of(answer: str, word: str) -> str:
    return word.upper() if answer.isupper() else word.title() if answer.istitle() else word


def _numbers(answer: str, drawn: random.Random) -> Iterator[str]:
    """Yield the answer with its first numeral replaced by others, each another value."""
    found = _NUMERAL.search(answer)
    if found is None:
        return
    fraction = found["only"] or found["places"] or ""
    places = fraction.rstrip("0")  # so that "18.00" stays a whole number
    zeros = len(fraction) - len(places)
    digits = (found["whole"] or "").replace(",", "") + places
    head, tail = digits[:-_DIGITS], digits[-_DIGITS:]
    # places and further digits need their zeros, a shorter whole number has none: 112 -> 99
    width = len(tail) if head or places or digits.startswith("0") else 0
    value = int(tail or "0")
    spread = max(2, value // SPREAD)
    seen = {value}
    for _ in range(_TRIES):
        other = value + drawn.randint(1, spread) * drawn.choice((-1, 1))
        if other in seen or other < min(value, 1) or len(head + str(other)) > len(digits) > _DIGITS:
            continue
        seen.add(other)
        spelt = _spelt(head + str(other).zfill(width), len(places), found)
        yield answer[: found.start()] + spelt + answer[found.end() - zeros :]


def _spelt(digits: str, places: int, like: re.Match[str]) -> str:
    """Return digits with the decimal point and thousands separators of the numeral `like`."""
    whole, rest = digits[: len(digits) - places], digits[len(digits) - places :]
    if "," in like[0]:
        whole = f"{int(whole):,}"
    return f"{whole}.{rest}" if "." in like[0] else whole
