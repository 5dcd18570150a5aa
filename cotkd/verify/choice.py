r"""Multiple-choice answers: letters, "(B)", "B) text", or the text of an option.

    question  Which is heavier? options ("a feather", "an anvil"), answer "B"
    text      "… so the answer is (B)."  or  "… The answer is an anvil."   → correct, extracted "B"

A lone "A" before a word is the article, not an option ("the answer is a dog"). Where an option is
a number, its value counts: "the answer is 18.0" chooses the option "18". Without the question's
options, letters are compared with letters and texts with texts, ignoring case and punctuation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar, Literal

from cotkd.rationales.extract import MARKERS, Extraction, find
from cotkd.rationales.number import agree, parse_number
from cotkd.rationales.statement import read_statement
from cotkd.rationales.text import Reading
from cotkd.types import Question, Verdict
from cotkd.verify.base import Verifier

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_LETTER = re.compile(
    r"[\s*_`\"'$({\[\\]*(?:(?:option|choice|letter)[\s*:(]*)?"
    r"(?:text\{\(?)?([A-Za-z])(?:[)\]}.:,;*\"'`$]|\s+(?:because|since|as|which)\b|\s*$)",
    re.IGNORECASE,
)
_CAPITAL = re.compile(r"[\s*_`\"'$({\[]*([B-HJ-Z])\b(?!['’])")
_BRACKETED = re.compile(r"\(([A-Z])\)|\b(?:option|choice)[ *:(]{1,3}([A-Z])\b")
_WORDS = re.compile(r"\w+")


class MultipleChoice(Verifier):
    """The chosen option, compared by letter, or by text where no letter is given."""

    title: ClassVar[str] = "options by letter or text"

    kind: Literal["choice"] = "choice"
    markers: tuple[str, ...] = MARKERS
    """Where the answer is looked for, in order; `number` stands for the last "(B)" of the text."""

    def verify(self, text: str, gold: str) -> Verdict:
        """Return the verdict where the options are not known."""
        return self._verdict(text, gold, ())

    def verify_question(self, text: str, question: Question) -> Verdict:
        """Return the verdict on the option that `text` chooses."""
        return self._verdict(text, question.answer, question.choices or ())

    def locate(self, text: str) -> tuple[int, int] | None:
        """Return the place of the final-answer statement; none where a bare "(B)" was read."""
        found = self._find(text, ())
        return None if found is None or found.marker == "number" else (found.start, found.end)

    def _verdict(self, text: str, gold: str, choices: Sequence[str]) -> Verdict:
        expected = chosen(gold, choices)
        found = self._find(text, choices)
        if not expected:
            return Verdict(status="unparsed", reason="gold answer not readable")
        if found is None:
            return Verdict(status="unparsed", expected=expected, reason="no answer found")
        return Verdict(
            status="correct" if found.value == expected else "wrong",
            extracted=found.value,
            expected=expected,
            reason=f"marker {found.marker}",
        )

    def _find(self, text: str, choices: Sequence[str]) -> Extraction[str] | None:
        return find(
            text,
            self.markers,
            lambda statement, _: chosen(statement, choices),
            lambda reading: _last_bracketed(reading, choices),
        )


def chosen(statement: str, choices: Sequence[str]) -> str | None:
    """Return the letter of the option that `statement` names, or its words without options."""
    letter = _LETTER.match(statement) or _CAPITAL.match(statement)
    last = LETTERS[min(len(choices), 26) - 1] if choices else "Z"
    if letter and letter[1].upper() <= last:
        return letter[1].upper()
    if choices:
        return _by_text(statement, choices)
    return _normal(statement)[:200] or None


def _by_text(statement: str, choices: Sequence[str]) -> str | None:
    words = f" {_normal(statement)} "
    named = [(len(_normal(c)), i) for i, c in enumerate(choices) if f" {_normal(c)} " in words]
    named = [(size, i) for size, i in named if size]
    if named:
        longest = max(size for size, _ in named)
        best = [i for size, i in named if size == longest]
        return LETTERS[best[0]] if len(best) == 1 and best[0] < 26 else None
    value = read_statement(statement, "answer")
    if value is None or value.value is None:
        return None
    numbers = [parse_number(choice) for choice in choices[:26]]
    same = [i for i, number in enumerate(numbers) if number is not None and agree(number, value)]
    return LETTERS[same[0]] if len(same) == 1 else None


def _normal(text: str) -> str:
    words = " ".join(_WORDS.findall(text[:2000].casefold()))
    return words.encode("utf-8", "replace").decode()


def _last_bracketed(reading: Reading, choices: Sequence[str]) -> Extraction[str] | None:
    last = LETTERS[min(len(choices), 26) - 1] if choices else "Z"
    found = None
    for match in _BRACKETED.finditer(reading.text):
        letter = match[1] or match[2]
        if letter <= last:
            start, end = match.span()
            found = Extraction(letter, start + reading.start, end + reading.start, "number")
    return found
