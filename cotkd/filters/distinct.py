"""Keeps one rationale for each way of calculating the answer to a question.

The key is the ordered list of equations, without white space and with numbers spelt alike:

    "16 - 3 = <<16-3=13>>13 …"  and  "She eats three: <<16 - 3 = 13.0>>13 …"  are the same

Without annotations the equations are those that the text writes out ("3 * 4 = 12"). Chains of no
equation would all share the empty list, so their key is the list of their numbers, and of their
words where there are no numbers.
"""

from __future__ import annotations

import re
from typing import ClassVar, Literal

from cotkd.filters.base import Filter, Questions, Rationales, Scope
from cotkd.rationales.number import NUMBER, plain, read
from cotkd.rationales.steps import equations
from cotkd.rationales.text import MAX_TEXT
from cotkd.rationales.written import written_equations
from cotkd.types import Key

_DIGITS = re.compile(r"\d[\d,]*\.?\d*|\.\d+", re.ASCII)
_WORD = re.compile(r"\w+")
_COMMUTES = re.compile(r"[^-/()^%]*")
_SIGNS = str.maketrans("×·÷", "**/")


class Distinct(Filter):
    """Drops rationales that calculate the same as an earlier one for the same question."""

    title: ClassVar[str] = "one rationale per list of equations"
    source: ClassVar[str] = "Yuan et al. 2023, arXiv 2308.01825"
    scope: ClassVar[Scope] = "question"

    kind: Literal["distinct"] = "distinct"
    terms: Literal["ordered", "commutative"] = "ordered"
    """Whether `3*4=12` and `4*3=12` differ (`ordered`); only plain sums and products commute."""

    def drop(self, rationales: Rationales, questions: Questions) -> dict[Key, str]:
        """Return all but the first rationale of each question and key."""
        seen: set[tuple[str, ...]] = set()
        dropped: dict[Key, str] = {}
        for row in rationales:
            kind, *key = self.key(row.text)
            if (row.question_id, kind, *key) in seen:
                dropped[row.key] = f"same {kind}"
            seen.add((row.question_id, kind, *key))
        return dropped

    def key(self, text: str) -> tuple[str, ...]:
        """Return what is compared: `equations`, `numbers` or `text`, and the list of them."""
        text = text[:MAX_TEXT]
        found = [equation.key for equation in equations(text)] or [
            "=".join("".join(side.expression.split()) for side in written.sides)
            for written in written_equations(text)
        ]
        if found:
            return ("equations", *map(self._canonical, found))
        numbers = [read(match) for match in NUMBER.finditer(plain(text))]
        if numbers:
            return ("numbers", *("" if n is None else n.spelling for n in numbers))
        return ("text", *_WORD.findall(text.casefold()))

    def _canonical(self, equation: str) -> str:
        equation = _DIGITS.sub(_spelling, equation.translate(_SIGNS))
        if self.terms == "ordered":
            return equation
        return "=".join(
            _sorted(side) if _COMMUTES.fullmatch(side) else side for side in equation.split("=")
        )


def _sorted(side: str) -> str:
    """Return a sum of products with its terms and their factors in one order."""
    return "+".join(sorted("*".join(sorted(term.split("*"))) for term in side.split("+")))


def _spelling(match: re.Match[str]) -> str:
    digits = match[0].replace(",", "")
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return digits.lstrip("0") or "0"
