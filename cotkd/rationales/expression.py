r"""Finds the mathematical expression in an answer statement, as LaTeX between dollar signs.

    "$\frac{3}{4}$ of the cake"      → "$\frac{3}{4}$"
    "$x = 3$ or $x = 5$"              → "$x = 3$ and $x = 5$"
    "2\sqrt{3}"                      → "$2\sqrt{3}$"
    "18 eggs, because 20 - 2 = 18"    → "$18$"
    "found by adding"                 → None

Prose is told from mathematics by its words: one of three letters or more that is neither a LaTeX
command nor the name of a function makes it prose, of which only the number is taken.
"""

from __future__ import annotations

import re
from fractions import Fraction

from cotkd.rationales.extract import Extraction, last_number
from cotkd.rationales.notation import latex
from cotkd.rationales.number import Number, canonical, parse_number, plain
from cotkd.rationales.statement import UNREADABLE, abstains, read_statement
from cotkd.rationales.text import Reading, words
from cotkd.rationales.units import PARTS, unit_of

ABSTAINS = "none"
"""Stands for a statement that declines to answer."""
UNREAD = ""
"""Stands for a statement that means a value which is none; it ends the search."""

_ENVIRONMENT = re.compile(
    r"(?<!\\)\$\$?(?![\s$])(?P<dollars>(?:[^$\\]|\\.){1,300}?)(?<![\s\\])\$\$?(?!\d)"
    r"|(?<!\\)\$\$?\s+(?P<padded>(?:[^$\\]|\\.){1,300}?)\s+\$\$?(?!\s?\d)"
    r"|\\\((?P<round>.{1,300}?)\\\)|\\\[(?P<square>.{1,300}?)\\\]",
    re.DOTALL,
)
_SYMBOL = re.compile(r"(?:[A-Za-z]{1,6}|\\[A-Za-z]{2,8})(?:_\{?\w{1,3}\}?)?'?")
_IS = re.compile(
    r"\s*(?:is|equals|must be|will be|would be|should be|are|=|:)[ :]*(?:equal to )?(?=\S)"
)
_JOIN = re.compile(r"[\s,;]*(?:(?:and|or)\b\s*)?")
_TEXT_COMMAND = re.compile(
    r"\\(?:text|mathrm|mbox|textbf|mathbf|operatorname)\s?\{(?P<words>[^{}]*)\}"
)
_COMMAND = re.compile(r"\\[A-Za-z]+")
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[^\W\d_]{3,}")
_FUNCTIONS = frozenset(
    ("sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh",
     "log", "exp", "min", "max", "mod", "gcd", "lcm", "det", "sqrt", "frac", "and", "inf",
     "pmatrix", "bmatrix", "matrix", "begin", "end")
)  # fmt: skip
_LETTER_PAIR = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2}\s+[A-Za-z]{2}(?![A-Za-z])")
_VALUE_AHEAD = re.compile(
    r"[\s*_]*(?:about |exactly |simply |therefore |thus )?(?:\$|\\|-|\d|\.\d|\()"
)
_LETTER = re.compile(r"[^\W\d_]")
_LATEX_SIGN = re.compile(r"[\\^_=+<>]|\A[A-Za-z]\Z")
_CLOSING_BLANK = re.compile(r"(?<=[\w})])\s+\$(?!\s?\d)")
_CLOCK = re.compile(
    r"(?<![\d:])\d{1,2}:[0-5]\d(?![\d:])(?:\s*[AaPp]\.?[Mm]\b\.?)?|(?<![\d:])\d{1,2}\s*[AaPp]\.?[Mm]\b\.?"
)
_WITH_UNIT = re.compile(
    r"[\s*_`\"':$]*(?:about |exactly )?[\d.,/]+[ ](?P<unit>[A-Za-z]{1,12}(?:/[a-z])?)\b"
    r"(?:,?(?:[ ]and)?[ ][\d.]+[ ](?P<smaller>[A-Za-z]{1,12})\b)?"
)
_WITHOUT_UNIT = re.compile(r"\\text\{ [A-Za-z/]{1,14}\}\Z")
_EDGES = " \t\r\n*_`\"':"


def expression_of(statement: str, marker: str) -> str | None:
    """Return the stated expression, `ABSTAINS`, `UNREAD`, or None where nothing is stated."""
    said = statement
    if statement.count("$") % 2:
        # the marker swallowed the one that opens
        statement = "$" + _CLOSING_BLANK.sub("$", statement, count=1)
    inner, named = _environments(statement)
    if named:
        return expression_of(statement[named:], marker)
    if inner:
        return " and ".join(f"${latex(part)}$" for part in inner)
    bare = _trimmed(statement)
    if not bare and not _DIGIT.search(said):
        return None
    if abstains(bare):
        return ABSTAINS
    if bare and is_mathematics(bare):
        return f"${latex(bare)}$"
    number = read_statement(said, marker)
    if number is None or number is UNREADABLE:
        return None if number is None else UNREAD
    if number.value is None:
        return ABSTAINS
    return f"${_clock(statement, number) or _spelt(number) + _unit(statement)}$"


def _clock(statement: str, number: Number) -> str:
    """Return the time of day that a number was read from, as it stands."""
    found = _CLOCK.search(statement)
    time = parse_number(found[0]) if found else None
    return found[0] if found and time and time.value == number.value else ""


def _unit(statement: str) -> str:
    """Return the unit behind the number that a statement begins with, as LaTeX."""
    found = _WITH_UNIT.match(statement)
    if found is None or unit_of(found["unit"]) is None:
        return ""
    larger, smaller = unit_of(found["unit"]), unit_of(found["smaller"] or "")
    of_both = (larger or "", smaller or "") in PARTS
    return rf"\text{{ {found['smaller'] if of_both else found['unit']}}}"


def is_mathematics(text: str) -> bool:
    """Whether `text` reads as one expression rather than as prose."""
    bare = _COMMAND.sub(" ", _TEXT_COMMAND.sub(" ", text))
    words = (word.lower() for word in _WORD.findall(bare))
    return not any(word not in _FUNCTIONS for word in words) and not _LETTER_PAIR.search(bare)


def last_expression(reading: Reading) -> Extraction[str] | None:
    """Return the last LaTeX environment in the closing lines of a text."""
    begin = max(0, len(reading.text) - 2000)
    found = None
    for match in _ENVIRONMENT.finditer(reading.text, begin):
        if _inside(match):
            found = match
    if found is None:
        return None
    start, end = (at + reading.start for at in found.span())
    inside = _trimmed(_inside(found))
    named = _named(reading.text, found, inside)
    if named and (value := expression_of(reading.text[named : named + 200], "number")):
        return Extraction(value, start, end, "number")
    return Extraction(f"${latex(inside)}$", start, end, "number") if inside else None


def last_number_of(reading: Reading) -> Extraction[str] | None:
    """Return the number of the closing sentence as an expression, a time of day as it stands."""
    number = last_number(reading)
    if number is None:
        return None
    said = reading.text[number.start - reading.start : number.end - reading.start]
    value = _clock(said, number.value) or _spelt(number.value)
    return Extraction(f"${value}$", number.start, number.end, "number")


def bare_words(text: str) -> str | None:
    r"""Return the words of `text` as `words` does, without `\\text{…}` around them."""
    return words(_TEXT_COMMAND.sub(lambda match: f" {match['words']} ", text))


def is_words(text: str) -> bool:
    r"""Whether `text` is words alone: prose, or nothing but `\\text{…}`."""
    bare = text.strip(_EDGES + "$.")
    whole = _TEXT_COMMAND.fullmatch(bare)
    if whole is None:
        return not is_mathematics(bare) and not _DIGIT.search(bare)
    return is_words(whole["words"])


def _spelt(number: Number) -> str:
    """Return a number as LaTeX, "5 million" in full and "20%" with its sign."""
    if number.value is None or number.scale == 1:
        return number.spelling
    if number.scale == Fraction(1, 100):
        return rf"{number.spelling}\%"
    return number.spelling if number.scale < 1 else canonical(number.value * number.scale)


def _environments(statement: str) -> tuple[list[str], int]:
    """Return the contents of the first LaTeX environment, and of those joined to it.

    Where it is a mere symbol that the statement goes on to give the value of, "The smallest $k$ is
    17", nothing is returned but the place where the value begins.
    """
    match = _ENVIRONMENT.search(statement)
    while match is not None and not _inside(match):
        match = _ENVIRONMENT.search(statement, match.start() + 1)
    found: list[str] = []
    while match is not None and len(found) < 6:
        inside = _trimmed(_inside(match))
        if not found and (named := _named(statement, match, inside)):
            return [], named
        if inside:
            found.append(inside)
        joined = _JOIN.match(statement, match.end())
        match = _ENVIRONMENT.match(statement, joined.end() if joined else match.end())
    return found, 0


def _named(text: str, match: re.Match[str], inside: str) -> int:
    """Return where the value begins that a symbol names; 0 where it does not."""
    if not _SYMBOL.fullmatch(inside):
        return 0
    goes_on = _IS.match(text, match.end())
    return goes_on.end() if goes_on and _VALUE_AHEAD.match(text, goes_on.end()) else 0


def _inside(match: re.Match[str]) -> str:
    if padded := match["padded"]:
        formula = is_mathematics(padded) and (
            not _LETTER.search(padded) or _LATEX_SIGN.search(padded)
        )
        return padded if formula and padded[-1] not in ",;.=+-" else ""
    return match["dollars"] or match["round"] or match["square"] or ""


def _trimmed(text: str) -> str:
    """Return `text` without Markdown, a closing full stop, and the dollar sign of a price."""
    bare = text.strip(_EDGES).rstrip(" .,;").strip(_EDGES)
    if bare.startswith("$") and bare.count("$") == 1:
        bare = bare[1:].strip()
    return "" if "$" in bare.replace("\\$", "") else bare


def plain_number(expression: str) -> str:
    """Return `expression` without dollar signs and unit if it is one number, else nothing."""
    bare = _WITHOUT_UNIT.sub("", plain(expression[1:-1])).strip()
    number = parse_number(bare)
    return bare if number is not None and number.value is not None and ":" not in bare else ""
