"""How far two rationales are apart: edits between their equations, as a share of the longer list.

    <<3*4=12>><<12-2=10>>  and  <<3*4=12>><<12/2=6>>     1 edit of 2: 0.5

Where one of them has no equations, the edits are between their words.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from typing import NamedTuple

from cotkd.filters.distinct import Distinct
from cotkd.rationales.text import MAX_TEXT

MAX_WORDS = 1000
"""Words of a rationale that are compared."""

_WORD = re.compile(r"\w+|[^\w\s]")
_CALCULATION = Distinct()


class Tokens(NamedTuple):
    """What is compared of a rationale: its equations, and its words where those are wanting."""

    equations: tuple[str, ...]
    words: tuple[str, ...]


def tokens(text: str) -> Tokens:
    """Return equations (spelt alike, as `distinct` compares them) and words of a rationale."""
    kind, *key = _CALCULATION.key(text)
    words = _WORD.findall(text[:MAX_TEXT].casefold())[:MAX_WORDS]
    return Tokens(tuple(key) if kind == "equations" else (), tuple(words))


def distance(one: Tokens, other: Tokens) -> float:
    """Return a number from 0, the same calculation, to 1, nothing in common in order."""
    if one.equations and other.equations:
        return _share(one.equations, other.equations)
    return _share(one.words, other.words)


def _share(one: Sequence[str], other: Sequence[str]) -> float:
    longer = max(len(one), len(other))
    return edits(one, other) / longer if longer else 0.0


def edits(one: Sequence[Hashable], other: Sequence[Hashable]) -> int:
    """Return the least number of insertions, deletions and replacements between two sequences.

    A column of the table is held as the bits of two integers (Myers 1999, as of Hyyrö 2003), so
    that a column costs a dozen operations whatever its length.
    """
    if one == other or not one or not other:
        return 0 if one == other else max(len(one), len(other))
    places: dict[Hashable, int] = {}
    for at, token in enumerate(one):
        places[token] = places.get(token, 0) | 1 << at
    every, last = (1 << len(one)) - 1, 1 << len(one) - 1
    up, down, count = every, 0, len(one)
    for token in other:
        match = places.get(token, 0)
        diagonal = (((match & up) + up) ^ up) | match | down
        rises, falls = down | ~(diagonal | up) & every, up & diagonal
        count += bool(rises & last) - bool(falls & last)
        rises, falls = rises << 1 | 1, falls << 1
        up, down = (falls | ~(diagonal | rises)) & every, rises & diagonal & every
    return count
