r"""Whether a text breaks off in the middle.

"Each of the 6 rows has 9 seats, and 54 -"      in a calculation
"so $y = \frac{36}{"                            in a formula
"Next we look at (C), where the"                in a sentence
"so she has 12 eggs left"                       no: a full stop is often left out
"""

from __future__ import annotations

import re

_OPERATOR = re.compile(
    r"(?:(?<![-*+=/<>])[-+×÷=^<>≤≥≈/]|(?<=\s)\*|(?<=\d )[x$]|(?<=\s)[$€£]"
    r"|\\(?:times|cdot|div|frac|sqrt|left|le|ge))\Z"
)
_NEVER_LAST = (
    "the an and or nor of to than because where which whose when while if but as at into onto per"
    " its our their my your until unless although therefore thus hence every during between among"
    " el los las una del que por der das ein eine und oder von weil les des une et ou du avec"
    " или если потому"
)
_OPEN = frozenset(_NEVER_LAST.split())
"""Words that no sentence ends in."""
_SELDOM_LAST = (
    "is are was were has have had does do did can will would could should must might be been"
    " he she they we with by es est ist sind était sont"
)
_MOSTLY_OPEN = frozenset(_SELDOM_LAST.split())
"""Words that end a sentence only behind one of `_CLOSES`: "that is how many there are"."""
_CLOSES = re.compile(
    r"\b(?:how|what|than|as|number|amount|that|which|who|where|whatever)\b", re.IGNORECASE
)
_SAYS_THAT = re.compile(
    r"\b(?:see|know|means?|find|found|say|says|said|given|note|such|implies|show|shows|so|but|and"
    r"|now|is) that\Z",
    re.IGNORECASE,
)
_JOINED_ON = re.compile(
    r"\b(?:which|who|and|but) (?:is|are|was|were|has|have|had|can|will|do|does)\Z"
    r"|\b(?:and|but|or|so) (?:then|each|every|his|her|also|thus|now|after|this|he|she"
    r"|they|we|the)\Z",
    re.IGNORECASE,
)
_LAST_WORD = re.compile(r"([^\W\d_]+)\Z")
_TAIL = 300
_FORMULA = re.compile(r"[A-Za-z\\({-]")


def breaks_off(text: str) -> bool:
    """Whether `text` ends in an operator, an open formula, or half a sentence."""
    tail = text[-_TAIL:].rstrip()
    if not tail or tail[-1] in ".!?。！？।":
        return False
    if _OPERATOR.search(tail) or _is_open(tail):
        return True
    if tail[-1] in ",;、，([{" or _JOINED_ON.search(tail):
        return True
    last = _LAST_WORD.search(tail)
    if last is None:
        return False
    word = last[1].lower()
    if word in _MOSTLY_OPEN:
        clause = tail[max(tail.rfind(mark) for mark in ".!?,\n") + 1 : last.start()]
        return not _CLOSES.search(clause)
    return word in _OPEN or _SAYS_THAT.search(tail) is not None


def _is_open(tail: str) -> bool:
    """Whether a bracket or a formula is not closed on the last line."""
    line = tail[tail.rfind("\n") + 1 :]
    if "\\" in line and line.count("{") > line.count("}"):
        return True
    if line.count("\\(") > line.count("\\)") or line.count("\\[") > line.count("\\]"):
        return True
    at = line.rfind("(")
    if at > line.rfind(")") and re.search(r"[-+*/×÷=]", line[at:]):
        return True
    return line.count("$") % 2 == 1 and _FORMULA.match(line, line.rfind("$") + 1) is not None
