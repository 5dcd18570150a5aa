r"""Gold answers: a solution is reduced to its answer, and a number is read strictly.

    "3 * 12 = 36 pens.\n#### 36"         → "36"
    r"It follows that \boxed{\frac34}."  → r"\frac34"
    "The answer is: 36"                  → "36"
    "She has 3 * 12 = 36 pens."          → "36"
    "12-20"                              → "12-20", which is no number: `read_gold` gives None

What a user holds for right is never guessed at: "3 to 2", "x > 7", "2024-02-04" and "2 cows, 8
hens" are not one number, so no text is right.
"""

from __future__ import annotations

import re
from functools import lru_cache
from math import isqrt

from cotkd.rationales.amount import amounts
from cotkd.rationales.arithmetic import evaluate
from cotkd.rationales.closing import chosen
from cotkd.rationales.markers import may_state, statements
from cotkd.rationales.number import ABSTENTION, Number, parse_number, plain
from cotkd.rationales.separators import Decimal, pointed
from cotkd.rationales.statement import UNREADABLE, abstains, read_statement, symbolic
from cotkd.rationales.text import MAX_TEXT

_MARKERS = ("json", "boxed", "####", "-->", "answer", "A:")
_EDGES = " \t\r\n*_`\"'"
_CALCULATES = re.compile(r"\d[\s)%A-Za-z]{0,20}=[\s$€£]*-?[\d.]")
_MAX_CACHED = 2000
_MAX_VALUE = 500
_MAX_BARE = 60


def gold_answer(text: str) -> str:
    """Return the answer of a gold solution; what is an answer already stays as it is."""
    text = text if len(text) <= MAX_TEXT else text[-MAX_TEXT:]
    stated = _stated(text)
    if stated is not None:
        return stated
    if len(text) > _MAX_VALUE or "\n" in text.strip() or _CALCULATES.search(text):
        return _concluded(text) or text
    return text


def _stated(text: str) -> str | None:
    """Return what a marker states, less the words that follow it."""
    for marker in _MARKERS:
        if not may_state(text, marker):
            continue
        for statement in statements(text, marker):
            said = statement.stated(text).strip(_EDGES).rstrip(".").strip(_EDGES)
            if said.count("$") == 1 or (said.count("$") == 2 and said[0] == said[-1] == "$"):
                said = said.strip("$").strip()  # the marker swallows the one that opens
            if said:
                return said
    return None


def _concluded(text: str) -> str | None:
    """Return the number that a solution in prose ends in, where it calculates."""
    lines = [line for line in plain(text).splitlines() if line.strip()]
    if not lines or not _CALCULATES.search(plain(text)):
        return None
    body = "\n".join(lines)
    begin = max(body.rfind("\n") + 1, *(match.end() for match in _SENTENCE.finditer(body)), 0)
    found = list(amounts(body, begin))
    if not found:
        return None
    amount = chosen(body, found)
    return body[amount.start : amount.end].strip()


_SENTENCE = re.compile(r"[.!?]\s+(?=\S)")


def read_gold(gold: str, decimal: Decimal = "auto") -> Number | None:
    """Read a gold answer or solution as one number and nothing else, units aside."""
    if len(gold) > _MAX_CACHED:
        return _read_gold.__wrapped__(gold, decimal)
    return _read_gold(gold, decimal)


@lru_cache(maxsize=8192)
def _read_gold(gold: str, decimal: Decimal) -> Number | None:
    bare = plain(gold).strip().lstrip("#").strip()
    number = parse_number(bare) if "," not in bare and "'" not in bare else None
    if number is not None:
        return number
    bare = pointed(plain(gold_answer(gold)), decimal).strip().lstrip("#").strip()
    return _read_value(bare) if len(bare) <= _MAX_VALUE else None


_DATE = re.compile(r"\d{1,2}/\d{1,2}/\d{2,4}|\d{1,4}-\d{1,2}-\d{1,4}|\d{1,2}\.\d{1,2}\.\d{4}")
_RANGE = re.compile(r"[$€£]?\d[\d.,]*[ ]?[-~][ ]?[$€£]?\d")
_ROOT = re.compile(r"\$?\\?sqrt[ ]?[({](\d{1,15})[)}]\$?|√\(?(\d{1,15})\)?")
_NAME = re.compile(r"[A-Za-z][A-Za-z_ ]{0,30}=[ ]?")
_RELATION = re.compile(
    r"[<>≤≥≠±~]|\\(?:le|ge|lt|gt|ne|pm)|\b(?:to|or|between|at (?:least|most)|more than"
    r"|less than|over"
    r"|under|up to|versus|vs|minimum|maximum|not|January|February|March|April|May|June|July|August"
    r"|September|October|November|December|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)\b"
)
_SYMBOLIC = re.compile(
    r"\d[A-Za-z](?![A-Za-z])[ ]?[-+*/^=]|[-+*/^][ ]?[A-Za-z](?![A-Za-z])|[A-Za-z]\^"
)
"""A letter that is calculated with."""
_RATE = re.compile(r"(?<=[ ])[A-Za-z]{1,3}/[A-Za-z]{1,4}(?![A-Za-z])")
_WORDS = re.compile(r"[^\W\d_]+")
_MAX_WORDS = 8


def _read_value(bare: str) -> Number | None:
    number = parse_number(bare)
    if number is not None:
        return number
    if abstains(bare) and len(bare) < _MAX_BARE:
        return ABSTENTION
    if root := _ROOT.fullmatch(bare):
        square = int(root[1] or root[2])
        return Number(isqrt(square)) if isqrt(square) ** 2 == square else None
    if _DATE.fullmatch(bare) or _RANGE.match(bare.strip("$ ")) or _is_symbolic(bare):
        return None
    value = evaluate(bare)
    if value is not None:
        return Number(value)
    return _with_its_unit(bare)


def _is_symbolic(bare: str) -> bool:
    """Whether a letter is calculated with, which those of `km/h` are not."""
    return _SYMBOLIC.search(_RATE.sub("", bare)) is not None


def _with_its_unit(bare: str) -> Number | None:
    """Return the one number of "$12", "12 eggs", "x = 12", "4 * 3 = 12 eggs"."""
    name = _NAME.match(bare)
    bare = bare[name.end() :] if name else bare
    if _RELATION.search(bare) or symbolic(bare) or len(_WORDS.findall(bare)) > _MAX_WORDS:
        return None
    found = list(amounts(bare))
    if "=" not in bare and (
        len(found) != 1 or bare[found[0].end : found[0].end + 1] in (":", "/", "-")
    ):
        return None
    number = read_statement(bare, "####")
    return None if number is UNREADABLE else number
