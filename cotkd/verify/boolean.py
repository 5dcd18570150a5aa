r"""Yes-or-no answers: yes, no, true, false, alone or in a sentence.

    text  "… 12 is more than 9, so the answer is yes."   gold  "true"   → correct, extracted "yes"

Without a marker the last such word counts; "no" only where it stands for the answer, not before a
noun ("there are no eggs"), and "not true" is no, as are "would not be true" and "isn't true". What
a prompt offers, "(Yes or No)" or a list of both, is not an answer. The words of other languages
are read where they are stated, or open or close the text.
"""

from __future__ import annotations

import re
from typing import ClassVar, Literal

from cotkd.rationales.extract import MARKERS, Extraction, find
from cotkd.rationales.gold import gold_answer
from cotkd.rationales.language import DENIALS, EITHER, MEANING, SPACED_YES_OR_NO, YES_OR_NO
from cotkd.rationales.text import Reading
from cotkd.rationales.unfinished import breaks_off
from cotkd.types import Question, Verdict
from cotkd.verify.base import UNREADABLE_GOLD, Verifier

UNSURE = ""
"""Stands for a statement that is neither yes nor no; it ends the search without an answer."""

_STATED = re.compile(
    r"[\s*_`\"'$({\\\[「『“]{0,40}(?:text\{)?"
    r"(?:(?:definitely|probably|likely|clearly|simply|most likely"
    rf"|certainly|therefore|thus|a|indeed)\s+)*(?P<not>(?:not|{DENIALS})\s+(?:be\s+)?)?"
    rf"(?P<word>{YES_OR_NO})",
    re.IGNORECASE,
)
_OR_ELSE = re.compile(rf"[\s\"'*]*(?:/|\||(?:{EITHER})(?!\w))[\s\"'*]*{YES_OR_NO}", re.IGNORECASE)
_BOTH = re.compile(rf"[\s\"'*]*and[\s\"'*]*{YES_OR_NO}", re.IGNORECASE)
_UNSURE = re.compile(
    r"\W*(?:that )?(?:(?:it|this) )?(?:is )?(?:depends|unclear|unknown|uncertain|ambiguous"
    r"|(?:left )?open"
    r"|neither|both|maybe|perhaps|undetermined|undecided|indeterminate|inconclusive|impossible"
    r"|not (?:clear|stated|known|given|certain|possible|specified|mentioned|determinable|provided)"
    r"|hard to|cannot|can't|could not|can not|none)\b",
    re.IGNORECASE,
)
_SAID = re.compile(
    r"(?:(?P<not>\bnot|\bcannot|n['’]t)\s+(?:(?:be|really|actually|quite|entirely)\s+)?)?"
    r"\b(?P<word>yes|true|false|(?:(?<=[.!?\n] )|(?<=\n)|(?<![^\n]))no(?=[.,;:!\s*]|$)"
    r"|no(?=[.;:!*\"')]|\s*$))(?!\w)",
    re.IGNORECASE,
)
_OPENS = re.compile(
    rf"[\s*_\"'«“「¡]{{0,40}}(?P<word>{YES_OR_NO})[*_\"'»”」]*\s*(?:[.,;:!–—、，。]|-\s|\Z)",
    re.IGNORECASE,
)
_CLOSES = re.compile(rf"(?<!\w)(?P<word>{SPACED_YES_OR_NO})[\s.!*_\"'»”)]*\Z", re.IGNORECASE)
_OFFERED = re.compile(
    r"[(\[\"'“*]{0,4}\b(?:yes|no|true|false)\b[\"'”*]{0,4}\s{0,4}(?:or|/|\|"
    r"|(?<=[\"'”])\s?(?:,|and)(?: or)?)"
    r"\s{0,4}[\"'“*]{0,4}(?:no|yes|false|true)\b[\"'”*]{0,4}[)\]]{0,2}"
    r"|\(\s*(?:yes|no|true|false)\s*,\s*(?:yes|no|true|false)\s*\)"
    r"|(?<![^\n])[ \t]{0,9}(?:[-*•]|\(?[A-Ba-b1-2][).:])[ \t]*(?:yes|no|true|false)\.?[ \t]*\n"
    r"[ \t]*(?:[-*•]|\(?[A-Ba-b1-2][).:])[ \t]*(?:yes|no|true|false)\.?[ \t]*(?=\n|\Z)"
    r"|\b(?:answer|respond|reply)(?: only| just| simply)? with\b[^.\n]{0,80}",
    re.IGNORECASE,
)
"""Both answers as a prompt offers them."""
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
        expected = _read_gold(gold)
        extracted = None if found is None else found.value or None
        if expected is None:
            return Verdict(status="unparsed", extracted=extracted, reason=UNREADABLE_GOLD)
        if found is None or extracted is None:
            reason = "no answer found" if found is None else "neither yes nor no"
            return Verdict(status="unparsed", expected=expected, reason=reason)
        return Verdict(
            status="correct" if extracted == expected else "wrong",
            extracted=extracted,
            expected=expected,
            reason=f"marker {found.marker}",
        )

    def reads(self, question: Question) -> bool:
        """Whether the gold answer is one yes or no."""
        return _read_gold(question.answer) is not None

    def locate(self, text: str) -> tuple[int, int] | None:
        """Return the place of the final-answer statement; none where the last word was read."""
        found = self._find(text)
        if found is None or not found.value or found.marker == "number":
            return None
        return found.start, found.end

    def _find(self, text: str) -> Extraction[str] | None:
        return find(Reading(text), self.markers, lambda statement, _: _read(statement), _last)


def _read(statement: str) -> str | None:
    match = _STATED.match(statement)
    if match is None:
        return UNSURE if _UNSURE.match(statement) else None
    if _OR_ELSE.match(statement, match.end()):
        return None  # what was asked for, not what was answered
    return UNSURE if _BOTH.match(statement, match.end()) else _meaning(match)


def _read_gold(gold: str) -> str | None:
    """Return the one yes or no that a gold answer is, or begins with."""
    answer = gold_answer(gold)
    match = _STATED.match(answer)
    if match is None or _OR_ELSE.match(answer, match.end()) or _BOTH.match(answer, match.end()):
        return None
    meaning, rest = _meaning(match), answer[match.end() :].strip(" .!*_`\"'$})\n")
    if not rest:
        return meaning
    others = {_meaning(said) for said in _SAID.finditer(rest)}
    return meaning if rest[0] in ",.;:-–—(" and others <= {meaning} else None


def _meaning(match: re.Match[str]) -> str:
    meaning = MEANING[match["word"].lower()]
    return _OPPOSITE[meaning] if match.groupdict().get("not") else meaning


def _last(reading: Reading) -> Extraction[str] | None:
    """Return the last yes or no of a text; in other languages one that opens or closes it."""
    text = _OFFERED.sub(lambda offered: " " * len(offered[0]), reading.text)
    if breaks_off(text):
        return None
    found = _OPENS.match(text)
    for match in _SAID.finditer(text):
        found = match
    if not text.isascii() or found is None:
        found = _CLOSES.search(text, max(0, len(text) - 40)) or found
    if found is None:
        return None
    start, end = (at + reading.start for at in found.span("word"))
    return Extraction(_meaning(found), start, end, "number")
