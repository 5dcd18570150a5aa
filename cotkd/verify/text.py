r"""Answers that are words: names, sorted word lists, brackets, "valid" or "invalid".

    text  "… So the answer is Valid."       gold  "valid"      → correct
    text  "… So the answer is ] ] ) }."     gold  "] ] ) }"    → correct

Case, quotes, Markdown, punctuation and how Unicode composes a letter make no difference; where the
gold answer has no letter or digit, its signs are compared instead. A text without a marker is the
answer itself if it is one line of at most `MAX_ANSWER` characters.
"""

from __future__ import annotations

import re
import unicodedata
from typing import ClassVar, Literal

from cotkd.rationales.extract import MARKERS, Extraction, find
from cotkd.rationales.text import MAX_ANSWER, Reading, clean, words
from cotkd.types import Verdict
from cotkd.verify.base import UNREADABLE_GOLD, Verifier

_WORDS = re.compile(r"\w+")


class Text(Verifier):
    """The stated answer as words, or as signs where there are no words."""

    title: ClassVar[str] = "words, ignoring case and punctuation"

    kind: Literal["text"] = "text"
    markers: tuple[str, ...] = MARKERS
    """Where the answer is looked for, in order; `number` stands for a text that is one line."""

    def verify(self, text: str, gold: str) -> Verdict:
        """Return the verdict on the stated words of `text`."""
        spelt = words if _WORDS.search(gold) else signs

        def read(statement: str) -> str | None:
            return spelt(_composed(statement))

        expected = read(gold)
        if expected is None:
            return Verdict(status="unparsed", reason=UNREADABLE_GOLD)
        found = find(Reading(text), self.markers, lambda statement, _: read(statement), whole)
        value = None if found is None else read(found.value)
        if found is None or value is None:
            return Verdict(status="unparsed", expected=expected, reason="no answer found")
        return Verdict(
            status="correct" if value == expected else "wrong",
            extracted=value,
            expected=expected,
            reason=f"marker {found.marker}",
        )

    def locate(self, text: str) -> tuple[int, int] | None:
        """Return the place of the final-answer statement; none where the whole text was read."""
        found = find(Reading(text), self.markers, lambda statement, _: words(statement), whole)
        return None if found is None or found.marker == "number" else (found.start, found.end)


def _composed(text: str) -> str:
    """Return the beginning of `text` with letters and accents as one: `é`, not `e` and accent."""
    # cut before: a long run of accents would take the square of its length
    return unicodedata.normalize("NFC", text[: 4 * MAX_ANSWER])


def signs(text: str) -> str | None:
    """Return the signs of `text` without white space and its final full stop."""
    return clean("".join(text[:MAX_ANSWER].split()).rstrip("."))


def whole(reading: Reading) -> Extraction[str] | None:
    """Return a text that is one short line as its own answer."""
    answer = reading.text.strip()
    if not answer or len(answer) > MAX_ANSWER or "\n" in answer:
        return None
    return Extraction(answer, reading.start, reading.end, "number")
