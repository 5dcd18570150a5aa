r"""Yes-or-no answers: yes, no, true, false, alone or in a sentence.

    text  "… 12 is more than 9, so the answer is yes."   gold  "true"   → correct, extracted "yes"

Without a marker the last such word counts; "no" only where it stands for the answer, not before a
noun ("there are no eggs"), and "not true" is no, as are "would not be true" and "isn't true".
"""

from __future__ import annotations

import re
from typing import ClassVar, Literal

from cotkd.rationales.extract import MARKERS, Extraction, find
from cotkd.rationales.text import Reading
from cotkd.types import Verdict
from cotkd.verify.base import UNREADABLE_GOLD, Verifier

_STATED = re.compile(
    r"[\s*_`\"'$({\\]*(?:text\{)?(?:(?:definitely|probably|likely|clearly|simply)\s+)?"
    r"(not\s+(?:be\s+)?)?(yes|no|true|false)\b",
    re.IGNORECASE,
)
_SAID = re.compile(
    r"(?:(\bnot|\bcannot|n['’]t)\s+(?:(?:be|really|actually|quite|entirely)\s+)?)?"
    r"\b(yes|true|false|(?:(?<=[.!?\n] )|(?<=\n)|(?<![^\n]))no(?=[.,;:!\s*]|$)"
    r"|no(?=[.;:!*\"')]|\s*$))(?!\w)",
    re.IGNORECASE,
)
_MEANING = {"yes": "yes", "true": "yes", "no": "no", "false": "no"}
_OPPOSITE = {"yes": "no", "no": "yes"}


class Boolean(Verifier):
    """Yes or no; true and false mean the same."""

    title: ClassVar[str] = "yes or no, true or false"

    kind: Literal["boolean"] = "boolean"
    markers: tuple[str, ...] = MARKERS
    """Where the answer is looked for, in order; `number` stands for the last yes or no."""

    def verify(self, text: str, gold: str) -> Verdict:
        """Return the verdict on the final yes or no of `text`."""
        found = self._find(text)
        expected = _read(gold) or getattr(self._find(gold), "value", None)
        extracted = None if found is None else found.value
        if expected is None:
            return Verdict(status="unparsed", extracted=extracted, reason=UNREADABLE_GOLD)
        if found is None:
            return Verdict(status="unparsed", expected=expected, reason="no answer found")
        return Verdict(
            status="correct" if extracted == expected else "wrong",
            extracted=extracted,
            expected=expected,
            reason=f"marker {found.marker}",
        )

    def locate(self, text: str) -> tuple[int, int] | None:
        """Return the place of the final-answer statement; none where the last word was read."""
        found = self._find(text)
        return None if found is None or found.marker == "number" else (found.start, found.end)

    def _find(self, text: str) -> Extraction[str] | None:
        return find(text, self.markers, lambda statement, _: _read(statement), _last)


def _read(statement: str) -> str | None:
    match = _STATED.match(statement)
    return _meaning(match) if match else None


def _meaning(match: re.Match[str]) -> str:
    meaning = _MEANING[match[2].lower()]
    return _OPPOSITE[meaning] if match[1] else meaning


def _last(reading: Reading) -> Extraction[str] | None:
    found = None
    for match in _SAID.finditer(reading.text):
        start, end = match.span()
        found = Extraction(_meaning(match), start + reading.start, end + reading.start, "number")
    return found
