r"""Which option a statement chooses: by letter, by letter and text, or by the text of the option.

    "(B)", "most likely B", "B. an anvil"     B
    "an anvil", "18.0" for the option "18"     by its text, or its value
    "4.8%, or B"                               B: 4.8 holds no 8
    "either A or B"                            SEVERAL
    "(F)" of four, "none of the above"         NO_OPTION

Roman numerals of statements, "(i) and (iii)", and letters of events, "P(A)", are no options.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from cotkd.rationales.language import BEFORE_OPTION
from cotkd.rationales.number import Number, agree, parse_number
from cotkd.rationales.statement import read_statement
from cotkd.rationales.text import MAX_ANSWER, clean

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SEVERAL = ""
"""Stands for a statement that names different options; it ends the search without an answer."""
NO_OPTION = "none"
"""Stands for a stated answer that is no option; it is wrong."""

_EDGE = r"[\s*_`\"'$({\[\\「『“]{0,40}"
_LEAD = re.compile(
    rf"{_EDGE}(?:(?:most likely|more likely|likely|probably|possibly|clearly|definitely"
    rf"|certainly|simply"
    r"|obviously|therefore|thus|then|indeed|presumably|be|to be|is|either|the|best|correct|option"
    r"|choice|letter|alternative)\b[\s*:_]*)*",
    re.IGNORECASE,
)
_FOREIGN_LEAD = re.compile(rf"{_EDGE}{BEFORE_OPTION}{{1,3}}", re.IGNORECASE)
_EQUATED = re.compile(rf"{_EDGE}([A-Z])\s*=\s*(?=\S)")
_MARK = r"[)\]}.:,;*\"'`$。，、：）」』】!]"
_LETTER = re.compile(
    rf"{_EDGE}(?:text\{{\(?)?([A-Za-z])(?!['’]\w)(?:{_MARK}|です|だ|である|\s+(?:because|since|as|which)\b|\s*$|\s*\n"
    r"|(?:\s+(?:or|and)\s+|/)[(\[]?[A-Z](?![\w'’]))"
)
_CAPITAL = re.compile(rf"{_EDGE}([B-HJ-Z])\b(?!['’])(?!\s*[=+*/^<>_(]|\s*-\s*\d)")
_IN_BRACKETS = re.compile(r"(?<![\w^_}|])\(([A-Za-z])\)(?!\s*[=(])")
_ROMAN = frozenset("ivx")
_SEVERAL_ROMAN = re.compile(r"\((?:ii|iii|iv|vi|vii|II|III|IV|VI|VII)\)")
_OR_ANOTHER = re.compile(
    r"[)\]*\s.]*(?:(?:,[ ]?)?(?:\bor\b|\band\b|/|&)|,)[\s*]*(?:also |possibly |option "
    r"|perhaps |maybe )*[(\[]?([A-Z])\b(?![\w'’])"
)
_NAMED_LATER = re.compile(
    r"(?:\bor|\bthat is|\bi\.e\.|\bnamely|\bwhich is|\bso|\bhence|\boption|\bchoice|\bletter"
    r"|=)[,: ]*"
    r"(?:option |choice |letter )?[(*]*([A-Z])(?![\w'’])[)*.]*\s*(?:[.,;\n]|\Z)"
)
_NONE_OF = re.compile(
    r"(?:the )?(?:none|neither|not? any)(?: of)? (?:the |these|those|them|it)|(?:none|neither)\W*\Z"
    r"|(?:there is )?no (?:correct |right |valid |such |suitable )?(?:option|choice|answer)"
    r"|not (?:among|listed|in|one of)\b",
    re.IGNORECASE,
)
_RULED_OUT = re.compile(r"\s*not [^,.;\n]{1,60}?,? but (?:rather )?", re.IGNORECASE)
_REASON = re.compile(
    r"\b(?:because|since|which|as it|as they|covering|rather than)\b", re.IGNORECASE
)
_PREFIX = re.compile(r"\A\s*\(?[A-Z][).:]\s*")
_TOKEN = re.compile(r"\d+(?:[.,/:]\d+)*|\w+")


class Options(NamedTuple):
    """The options of a question, as they are compared."""

    letters: str
    bare: tuple[str, ...]
    spelt: tuple[str, ...]
    numbers: tuple[Number | None, ...]

    def first_like(self, letter: str) -> str:
        """Return the first letter whose option has the text of the option `letter`."""
        if not self.bare:
            return letter
        return self.letters[self.bare.index(self.bare[self.letters.index(letter)])]

    def text_of(self, letter: str) -> str:
        """Return the text of an option as it is compared."""
        return self.bare[self.letters.index(letter)]


def options_of(choices: Sequence[str]) -> Options:
    """Return the options of a question; all letters where they are not known."""
    return _options(tuple(choices))


@lru_cache(maxsize=1024)
def _options(choices: tuple[str, ...]) -> Options:
    choices = choices[: len(LETTERS)]
    return Options(
        LETTERS[: len(choices)] if choices else LETTERS,
        tuple(map(bare, choices)),
        tuple(spelt(bare(choice)) or "" for choice in choices),
        tuple(parse_number(bare(choice)) for choice in choices),
    )


def bare(option: str) -> str:
    """Return the text of an option without its letter, in lower case."""
    return " ".join(_PREFIX.sub("", option).casefold().split()).rstrip(".")


def spelt(text: str) -> str | None:
    """Return the words and numbers of `text`, one space between them; `4.8` is one of them."""
    return clean(" ".join(_TOKEN.findall(text[:MAX_ANSWER].casefold())))


def chosen(statement: str, choices: Sequence[str]) -> str | None:
    """Return the letter of the option that `statement` names, or its words without options.

    Of options with the same text the first one's letter stands for all; `SEVERAL` is returned where
    different options are named, `NO_OPTION` where the answer is none of them, and None where no
    answer is stated.
    """
    options = options_of(choices)
    if ruled_out := _RULED_OUT.match(statement):
        statement = statement[ruled_out.end() :]
    found = _chosen(statement, options)
    if found != SEVERAL:
        return found
    reason = _REASON.search(statement)
    return _chosen(statement[: reason.start()] if reason else statement, options) or SEVERAL


def _none_of_them(options: Options) -> str:
    """Return the option that says so of the others, where there is one."""
    none = (
        letter
        for letter, text in zip(options.letters, options.spelt, strict=True)
        if text.startswith(("none", "neither of"))
    )
    return next(none, NO_OPTION)


def letter_of(statement: str) -> str | None:
    """Return the letter that `statement` names where the options are not known, or `SEVERAL`."""
    found = chosen(statement, ())
    return found if found is None or found == SEVERAL or found in LETTERS else None


def _chosen(statement: str, options: Options) -> str | None:
    known = bool(options.bare)
    if known and (whole := _whole(statement, options)):
        return options.first_like(whole)
    named = {letter for letter in _bracketed(statement) if letter in options.letters}
    leading, end = _leading(statement)
    if leading and leading in options.letters:
        named.add(leading)
        other = _OR_ANOTHER.match(statement, end)
        if other and other[1] in options.letters:
            named.add(other[1])
    if known and not named and (equated := _EQUATED.match(statement)):
        named = {equated[1]} & _by_text(statement[equated.end() :], options)
    if not named and known and (leading or _bracketed(statement)):
        return NO_OPTION
    if not named and known:
        named = _by_text(statement, options)
    if not named and (later := _NAMED_LATER.search(statement)) and later[1] in options.letters:
        named = {later[1]}
    if not named and known:
        return _none_of_them(options) if _NONE_OF.match(statement.lstrip(" *_(\"'")) else None
    if not named:
        return spelt(statement)
    found = {options.first_like(letter) for letter in named}
    return SEVERAL if len(found) > 1 else found.pop()


def _leading(statement: str) -> tuple[str | None, int]:
    """Return the letter that a statement begins with, past "probably" and the like; its end."""
    for lead in (_LEAD.match(statement), _FOREIGN_LEAD.match(statement)):
        if lead is None:
            continue
        match = _LETTER.match(statement, lead.end())
        if match is None and lead.re is _LEAD:
            match = _CAPITAL.match(statement, lead.end())
        if match:
            return match[1].upper(), match.end(1)
    return None, 0


def _bracketed(statement: str) -> set[str]:
    """Return the letters in brackets, but no events and no Roman numerals."""
    roman = _SEVERAL_ROMAN.search(statement) is not None
    return {
        letter.upper()
        for letter in _IN_BRACKETS.findall(statement)
        if not (letter in _ROMAN or (roman and letter.lower() in _ROMAN))
    }


def _whole(statement: str, options: Options) -> str | None:
    """Return the option that `statement` is, word for word."""
    whole = bare(statement[: 5 * MAX_ANSWER]).strip(" .*_$\"'`()")
    for letter, option in zip(options.letters, options.bare, strict=True):
        if option.strip(" .*_$\"'`()") == whole and whole:
            return letter
    return None


def _by_text(statement: str, options: Options) -> set[str]:
    """Return the options whose words or number are in the statement."""
    said = f" {spelt(statement)} "
    named = {text for text in options.spelt if text and f" {text} " in said}
    widest = {text for text in named if not any(text in other for other in named - {text})}
    by_words = {
        letter
        for letter, text in zip(options.letters, options.spelt, strict=True)
        if text in widest
    }
    if len(by_words) == 1:
        return by_words
    value = read_statement(statement, "answer")
    same = {
        letter
        for letter, number in zip(options.letters, options.numbers, strict=True)
        if value and number and number.value is not None and agree(number, value)
    }
    return same & by_words or by_words or same
