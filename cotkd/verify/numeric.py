r"""Numeric answers, compared exactly: `18` = `18.00`, `3/4` = `0.75`, and `-5` ≠ `5`.

    text  "She makes 9 * 2 = $<<9*2=18>>18 every day.\n#### 18"     gold  "18"
    →     Verdict(status="correct", extracted="18", expected="18", reason="marker ####")

Does `60%` equal `60`? Yes, and it equals `0.6`, while `60` does not equal `0.6`. Units and currency
are ignored. An abstention ("cannot be determined") is an answer: wrong for a number, right where
the gold answer is "None". A gold answer that is not one number ("3 to 2", "x > 7") makes the
verdict unparsed.
"""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar, Literal

from pydantic import Field

from cotkd.rationales.extract import MARKERS, Extraction, extract
from cotkd.rationales.gold import read_gold
from cotkd.rationales.number import Number, agree
from cotkd.rationales.separators import Decimal
from cotkd.types import Question, Verdict
from cotkd.verify.base import UNREADABLE_GOLD, Verifier


class Numeric(Verifier):
    """The final number of a text, by markers and else the last number, in exact arithmetic."""

    title: ClassVar[str] = "numbers in exact rational arithmetic"

    kind: Literal["numeric"] = "numeric"
    markers: tuple[str, ...] = MARKERS
    """Where the answer is looked for, in order; other strings are delimiters before an answer."""
    tolerance: float = Field(0.0, ge=0, lt=1)
    """Accepted difference relative to the gold answer; 0 compares exactly."""

    decimal: Decimal = "auto"
    """What stands before decimals, in texts and gold answers: `comma` reads 1.234,5; `auto` finds
    out."""

    def verify(self, text: str, gold: str) -> Verdict:
        """Return the verdict on the final number of `text`."""
        expected = read_gold(gold, self.decimal)
        found = extract(text, self.markers, decimal=self.decimal)
        if expected is None:
            extracted = None if found is None else found.value.spelling
            return Verdict(status="unparsed", extracted=extracted, reason=UNREADABLE_GOLD)
        if found is None:
            return Verdict(status="unparsed", expected=expected.spelling, reason="no answer found")
        return Verdict(
            status="correct" if self._same(found.value, expected) else "wrong",
            extracted=found.value.spelling,
            expected=expected.spelling,
            reason="declines to answer" if _declines(found) else f"marker {found.marker}",
        )

    def reads(self, question: Question) -> bool:
        """Whether the gold answer is one number."""
        return read_gold(question.answer, self.decimal) is not None

    def locate(self, text: str) -> tuple[int, int] | None:
        """Return the place of the final-answer statement; none where it was the last number."""
        found = extract(text, self.markers, decimal=self.decimal)
        if found is None or _unmarked(found):
            return None
        return found.start, found.end

    def _same(self, found: Number, expected: Number) -> bool:
        if agree(found, expected):
            return True
        if not self.tolerance or found.value is None or expected.value is None:
            return False
        error = abs(Fraction(found.value) - expected.value)
        return error <= Fraction(self.tolerance) * abs(Fraction(expected.value))


def _unmarked(found: Extraction[Number] | None) -> bool:
    """Whether no statement was found, but at most a number somewhere."""
    return found is None or found.marker in ("number", "bold")


def _declines(found: Extraction[Number]) -> bool:
    return found.value.value is None and _unmarked(found)
