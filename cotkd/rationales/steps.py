r"""Steps of a rationale and the calculator annotations in them.

    "She eats 3 + 4 = <<3+4=7>>7 eggs.\nShe has 16 - 7 = <<16-7=9>>9 eggs left."
     → two steps, with the equations 3+4=7 and 16-7=9

What is between the brackets is not judged here (`cotkd.verify.steps`).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from cotkd.rationales.text import MAX_TEXT

_ANNOTATION = re.compile(r"<<([^<>\n]*)>>")
_LINE = re.compile(r"[^\n]+")
_SENTENCE = re.compile(r"[^.!?]*(?:[.!?](?!\s|$)[^.!?]*)*[.!?]*")


class Equation(NamedTuple):
    """One `<<expression=value>>`: `source` is what stands between the brackets."""

    source: str
    start: int
    end: int

    @property
    def key(self) -> str:
        """The equation without white space."""
        return "".join(self.source.split())


class Step(NamedTuple):
    """A line of a rationale (a sentence where it is one paragraph) and its equations."""

    text: str
    start: int
    end: int
    equations: tuple[Equation, ...]


def equations(text: str) -> list[Equation]:
    """Return the annotations `<<…>>` in order; spans include the brackets.

    Only the first `MAX_TEXT` characters are looked at.
    """
    if "<<" not in text:
        return []
    return [Equation(m[1], m.start(), m.end()) for m in _ANNOTATION.finditer(text, 0, MAX_TEXT)]


def steps(text: str) -> list[Step]:
    """Split a rationale into lines, or into sentences where there is only one line."""
    body = text.strip()
    pieces = _LINE if "\n" in body else _SENTENCE
    found = equations(text)
    result = []
    for piece in pieces.finditer(text):
        if piece[0].strip():
            start, end = piece.span()
            inside = tuple(e for e in found if start <= e.start < end)
            result.append(Step(piece[0].strip(), start, end, inside))
    return result
