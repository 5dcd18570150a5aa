r"""Multiple-choice answers: letters, "(B)", "B) text", or the text of an option.

    question  Which is heavier? options ("a feather", "an anvil"), answer "B"
    text      "… so the answer is (B)."  or  "… The answer is an anvil."   → correct, extracted "B"

A lone "A" before a word is the article, not an option ("the answer is a dog"), and an option that
is ruled out ("not A but B") or named in a reason ("B because A is light") is not chosen. Where an
option is a number, its value counts: "the answer is 18.0" chooses the option "18". Without the
question's options, letters are compared with letters and texts with texts, ignoring case and
punctuation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar, Literal

from cotkd.rationales.extract import MARKERS, Extraction, find
from cotkd.rationales.number import agree, parse_number
from cotkd.rationales.statement import read_statement
from cotkd.rationales.text import MAX_ANSWER, Reading, words
from cotkd.types import Question, Verdict
from cotkd.verify.base import UNREADABLE_GOLD, Verifier

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SEVERAL = ""
"""Stands for a statement that names different options; it ends the search without an answer."""

_LETTER = re.compile(
    r"[\s*_`\"'$({\[\\]*(?:(?:option|choice|letter)[\s*:(]*)?"
    r"(?:text\{\(?)?([A-Za-z])(?:[)\]}.:,;*\"'`$]|\s+(?:because|since|as|which)\b|\s*$)",
    re.IGNORECASE,
)
_CAPITAL = re.compile(r"[\s*_`\"'$({\[]*([B-HJ-Z])\b(?!['’])")
_IN_BRACKETS = re.compile(r"\(([A-Za-z])\)")
_NAMED = re.compile(
    r"\(([A-Z])\)"
    r"|\b(?i:option|choice|answer|ans)[ *.:=-]{1,3}(?:is[ *:]{1,3})?\(?([A-Z])\b(?!['’])"
    r"|\b([B-Z]) is (?:the )?(?:correct|right|answer)"
    r"|\b(?:be|is|choose|pick|select)[ *:]{1,3}([A-Z])\)"
    r"|(?:\A|\n)[ \t*]*([A-Z])[ \t*.]*(?=\s*\Z)"
)
_LINE = re.compile(
    r"[ \t*_]{0,9}[(\[]?[*_]{0,3}([A-Za-z])[*_]{0,3}([)\].:])?[*_]{0,3}(?:[ \t]+(.*))?"
)
_RULED_OUT = re.compile(r"\s*not [^,.;\n]{1,60}?,? but (?:rather )?", re.IGNORECASE)
_REASON = re.compile(r"\b(?:because|since)\b", re.IGNORECASE)
_DENIAL = re.compile(r"\b(?:not|wrong|incorrect|false)\b|n['’]t\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?](?=\s)|\n")
_PREFIX = re.compile(r"\A\s*\(?[A-Z][).:]\s*")


class MultipleChoice(Verifier):
    """The chosen option, compared by letter, or by text where no letter is given."""

    title: ClassVar[str] = "options by letter or text"

    kind: Literal["choice"] = "choice"
    markers: tuple[str, ...] = MARKERS
    """Where the answer is looked for, in order; `number` is the last "(B)" or "option B"."""

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
            return Verdict(status="unparsed", reason=UNREADABLE_GOLD)
        if found is None or found.value == SEVERAL:
            reason = "no answer found" if found is None else "several options named"
            return Verdict(status="unparsed", expected=expected, reason=reason)
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
            lambda reading: _last_named(reading, choices),
        )


def chosen(statement: str, choices: Sequence[str]) -> str | None:
    """Return the letter of the option that `statement` names, or its words without options.

    Of options with the same text the first one's letter stands for all; `SEVERAL` is returned
    where different options are named, and None where no option is.
    """
    if ruled_out := _RULED_OUT.match(statement):
        statement = statement[ruled_out.end() :]
    found = _chosen(statement, choices)
    if found != SEVERAL:
        return found
    reason = _REASON.search(statement)
    return _chosen(statement[: reason.start()] if reason else statement, choices) or SEVERAL


def _chosen(statement: str, choices: Sequence[str]) -> str | None:
    letters = _letters(choices)
    named = {match[1].upper() for match in _IN_BRACKETS.finditer(statement)} & set(letters)
    letter = _LETTER.match(statement) or _CAPITAL.match(statement)
    if letter and letter[1].upper() in letters:
        named.add(letter[1].upper())
    if not choices:
        return SEVERAL if len(named) > 1 else named.pop() if named else words(statement)
    found = {_first_like(letter, choices) for letter in named or _by_text(statement, choices)}
    return SEVERAL if len(found) > 1 else found.pop() if found else None


def _letters(choices: Sequence[str]) -> str:
    return LETTERS[: len(choices)] if choices else LETTERS


def _bare(option: str) -> str:
    return " ".join(_PREFIX.sub("", option).casefold().split()).rstrip(".")


def _first_like(letter: str, choices: Sequence[str]) -> str:
    """Return the first letter whose option has the text of the option `letter`."""
    if not choices:
        return letter
    texts = [_bare(choice) for choice in choices]
    return LETTERS[texts.index(texts[LETTERS.index(letter)])]


def _by_text(statement: str, choices: Sequence[str]) -> set[str]:
    """Return the options that `statement` is, or else whose words or number are in it."""
    options = {letter: _bare(choice) for letter, choice in zip(LETTERS, choices, strict=False)}
    whole = _bare(statement).strip(" .*_$\"'`")
    same = {letter for letter, option in options.items() if option.strip(" .") == whole}
    if same:
        return same
    said = f" {words(statement)} "
    spelt = {letter: words(option) or "" for letter, option in options.items()}
    named = {text for text in spelt.values() if text and f" {text} " in said}
    widest = {text for text in named if not any(text in other for other in named - {text})}
    by_words = {letter for letter, text in spelt.items() if text in widest}
    if len(by_words) == 1:
        return by_words
    value = read_statement(statement, "answer")
    numbers = {letter: parse_number(option) for letter, option in options.items()}
    same = {
        a for a, n in numbers.items() if value and n and n.value is not None and agree(n, value)
    }
    return same & by_words or by_words or same


def _last_named(reading: Reading, choices: Sequence[str]) -> Extraction[str] | None:
    found = _last_line(reading, choices)
    before = None
    for match in () if found else _NAMED.finditer(reading.text):
        letter = match[match.lastindex or 0]
        if letter in _letters(choices) and not _in_reason(reading.text, before, match):
            start, end = (at + reading.start for at in match.span())
            found = Extraction(_first_like(letter, choices), start, end, "number")
            before = match
    return found or _only(reading, choices)


def _in_reason(text: str, before: re.Match[str] | None, match: re.Match[str]) -> bool:
    """Whether it is named in the reason of a choice: "(B) because (A) is light"."""
    if before is None or match.start() - before.end() > MAX_ANSWER:
        return False
    between = text[before.end() : match.start()]
    reason = _REASON.search(between)
    if reason is None or _SENTENCE_END.search(between):
        return False
    return _DENIAL.search(between, 0, reason.start()) is None


def _last_line(reading: Reading, choices: Sequence[str]) -> Extraction[str] | None:
    """Return the option that the last line is, by letter and text, unless it ends a list."""
    *others, last = reading.text.rstrip().rsplit("\n", 2)[-2:]
    letter, bare = _option(last, choices)
    if letter is None or (others and (bare or _option(others[0], choices)[0])):
        return None
    return Extraction(_first_like(letter, choices), reading.end - len(last), reading.end, "number")


def _option(line: str, choices: Sequence[str]) -> tuple[str | None, bool]:
    """Return the letter of a line such as "**B)** an anvil", and whether it is a mere "b"."""
    match = _LINE.fullmatch(line.rstrip(" \t*_")) if len(line) <= 5 * MAX_ANSWER else None
    if match is None or match[1].upper() not in _letters(choices):
        return None, False
    letter, text = match[1].upper(), match[3]
    if text and not match[2]:
        return None, False
    if text and choices and _bare(text).strip(" .*_") != _bare_of(letter, choices).strip(" ."):
        return None, False
    return letter, match[1].islower() and not match[2]


def _only(reading: Reading, choices: Sequence[str]) -> Extraction[str] | None:
    """Return the option whose text is all there is, as an answer-only student writes it."""
    text = reading.text.strip()
    if not choices or len(text) > MAX_ANSWER or "\n" in text:
        return None
    same = [letter for letter in _letters(choices) if _bare_of(letter, choices) == _bare(text)]
    if not same:
        return None
    return Extraction(_first_like(same[0], choices), reading.start, reading.end, "number")


def _bare_of(letter: str, choices: Sequence[str]) -> str:
    return _bare(choices[LETTERS.index(letter)])
