"""Which number of a closing sentence is its answer.

"6 * 3 = 18. She spends $18 on 6 pears."     18: the value of the last equation, then context
"4 shops sold fewer than 9 lamps."           4: what is counted, then a bound
"so 48 = 4 * 12"                             48: the value stands before a calculation
"In 4 months it is $130."                    130: else the last number
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from cotkd.rationales.amount import Amount, amount_at, amounts
from cotkd.rationales.number import agree

_CONTEXT = (
    r"(?:on|from|for|in|after|within|during|over|per|out of|than|among|between|into|of (?:the"
    r"|his|her"
    r"|their|its|all|those|these|my|our)|each of|using|since|by)"
)
_INTRODUCED = re.compile(
    rf"\b{_CONTEXT}[ ](?:(?:the|his|her|their|its|these|those|all|each|a|an|about|only|every|my|our"
    r"|first|last|next|other|original|remaining)[ ]){0,2}[$€£]?\Z",
    re.IGNORECASE,
)
_PHRASE = re.compile(
    r"\b(?:on|from|fewer than|less than|more than|than|for|in|after|within|during|out of|per|among"
    r"|of (?:the|his|her|their|its|those|these))\b",
    re.IGNORECASE,
)
_COMPARED = re.compile(r"[ ](?:[a-z]+[ ])?(?:fewer|more|less|[a-z]{2,9}er)[ ]than\b", re.IGNORECASE)
_CLAUSE = re.compile(
    r"[=:;]|\b(?:is|are|was|were|so|thus|hence|makes?|making|leav\w+|equals?|gives?|giving|total\w*"
    r"|has|have|had|gets?|remain\w*|which|who|while|but|then|there|or|costs?|needs?|if|now|plus|minus"
    r"|times)\b",
    re.IGNORECASE,
)
"""Behind these a sentence says something new, so what follows is no mere context."""
_CALCULATED = re.compile(
    r"[\s$(*]*-?[\d.,]+[\s)%]{0,3}(?:[a-z]{1,12}[ ])?(?:[-+*/×÷x]|\\times|\\cdot)[\s($]*\d"
)
_LOOK_BACK = 2000


def chosen(text: str, found: Sequence[Amount]) -> Amount:
    """Return the amount that answers, of those `found` in the last sentence of `text`."""
    last = found[-1]
    sign = text.rfind("=", found[0].start, last.start)
    if sign >= 0:
        behind = [amount for amount in found if amount.start > sign]
        before = [amount for amount in found if amount.end <= sign]
        if len(behind) > 1 and _CALCULATED.match(text, sign + 1):
            alone = before and not text[before[-1].end : sign].strip(" *$")
            return before[-1] if alone and not _calculates(text, before[-1]) else last
        found = behind
        again = _restated(text, found[1:], found[0])
        return again or _before_context(text, found) or last
    sign = text.rfind("=", max(0, found[0].start - _LOOK_BACK), found[0].start)
    value = amount_at(text, _skipped(text, sign + 1)) if sign >= 0 else None
    return _restated(text, found, value) or _before_context(text, found) or last


def _calculates(text: str, amount: Amount) -> bool:
    """Whether an operator stands before the amount."""
    return text[: amount.start].rstrip(" $(")[-1:] in ("+", "-", "*", "/", "×", "÷")


def _in_context(text: str, amount: Amount) -> bool:
    return _INTRODUCED.search(text, max(0, amount.start - 40), amount.start) is not None


def _restated(text: str, found: Sequence[Amount], value: Amount | None) -> Amount | None:
    """Return the amount that repeats an equation's value, where all behind it were known before."""
    if value is None or not found or value.start >= found[0].start:
        return None
    begin = found[0].start
    known = [a.number for a in amounts(text, max(0, begin - _LOOK_BACK), begin)]
    for at, amount in enumerate(found):
        if not agree(amount.number, value.number) or _in_context(text, amount):
            continue
        rest = found[at + 1 :]
        if _is_context(text, found[at:]) and all(
            any(agree(a.number, k) for k in known) for a in rest
        ):
            return amount
    return None


def _skipped(text: str, at: int) -> int:
    while at < len(text) and text[at] in " $*(":
        at += 1
    return at


def _before_context(text: str, found: Sequence[Amount]) -> Amount | None:
    """Return the first amount, where a phrase of context follows it that holds all others."""
    if len(found) < 2 or _in_context(text, found[0]) or found[0].number.scale != 1:
        return None
    compared = text[found[1].start - 2 : found[1].start] == ", " and _COMPARED.match(
        text, found[1].end
    )
    if not compared and not _PHRASE.search(text, found[0].end, found[1].start):
        return None
    return found[0] if _is_context(text, found) else None


def _is_context(text: str, found: Sequence[Amount]) -> bool:
    """Whether nothing new is said between the amounts."""
    return not any(_CLAUSE.search(text, a.end, b.start) for a, b in pairwise(found))
