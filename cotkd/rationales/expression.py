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

from cotkd.rationales.extract import Extraction
from cotkd.rationales.number import Number, canonical, parse_number, plain
from cotkd.rationales.statement import UNREADABLE, abstains, read_statement
from cotkd.rationales.text import Reading, words

ABSTAINS = "none"
"""Stands for a statement that declines to answer."""
UNREAD = ""
"""Stands for a statement that means a value which is none; it ends the search."""

_ENVIRONMENT = re.compile(
    r"(?<!\\)\$\$?(?![\s$])(?P<dollars>(?:[^$\\]|\\.){1,300}?)(?<![\s\\])\$\$?(?!\d)"
    r"|\\\((?P<round>.{1,300}?)\\\)|\\\[(?P<square>.{1,300}?)\\\]",
    re.DOTALL,
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
_UNICODE = {
    "×": r"\times ", "÷": r"\div ", "·": r"\cdot ", "⋅": r"\cdot ", "π": r"\pi ", "∞": r"\infty ",
    "≤": r"\le ", "≥": r"\ge ", "≠": r"\ne ", "°": r"^\circ ", "∪": r"\cup ", "∩": r"\cap ",
    "∈": r"\in ", "±": r"\pm ", "√": r"\sqrt", "²": "^{2}", "³": "^{3}", "⁴": "^{4}",
    "½": r"\frac{1}{2}", "¼": r"\frac{1}{4}", "¾": r"\frac{3}{4}", "⅓": r"\frac{1}{3}",
    "⅔": r"\frac{2}{3}", "θ": r"\theta ", "**": "^",
}  # fmt: skip
_SIGN = re.compile("|".join(map(re.escape, _UNICODE)))
_ROOT = re.compile(r"\\?\bsqrt\s*(?:\((?P<inner>[^()]*)\)|(?P<bare>\d+(?:\.\d+)?|[A-Za-z]\b))")
_NAME = re.compile(r"(?<![\\A-Za-z])(?:sin|cos|tan|log|ln|exp|pi)(?![A-Za-z])")
_EDGES = " \t\r\n*_`\"':"


def expression_of(statement: str, marker: str) -> str | None:
    """Return the stated expression, `ABSTAINS`, `UNREAD`, or None where nothing is stated."""
    if statement.count("$") % 2:
        statement = "$" + statement  # the marker swallowed the one that opens
    inner = _environments(statement)
    if inner:
        return " and ".join(f"${_latex(part)}$" for part in inner)
    bare = _trimmed(statement)
    if not bare:
        return None
    if abstains(bare):
        return ABSTAINS
    if is_mathematics(bare):
        return f"${_latex(bare)}$"
    number = read_statement(statement, marker)
    if number is None or number is UNREADABLE:
        return None if number is None else UNREAD
    return ABSTAINS if number.value is None else f"${_spelt(number)}$"


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
        found = match
    if found is None:
        return None
    start, end = (at + reading.start for at in found.span())
    inside = _trimmed(_inside(found))
    return Extraction(f"${_latex(inside)}$", start, end, "number") if inside else None


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
    if number.scale < 1:
        return rf"{number.spelling}\%"
    return canonical(number.value * number.scale)


def _latex(text: str) -> str:
    """Return `text` with Unicode signs, `sqrt(3)`, `x**2` and names of functions as LaTeX."""
    text = _SIGN.sub(lambda match: _UNICODE[match[0]], plain(text))
    text = _ROOT.sub(lambda match: rf"\sqrt{{{match['inner'] or match['bare'] or ''}}}", text)
    return _NAME.sub(lambda match: "\\" + match[0], text)


def _environments(statement: str) -> list[str]:
    """Return the contents of the first LaTeX environment, and of those joined to it."""
    match = _ENVIRONMENT.search(statement)
    found: list[str] = []
    while match is not None and len(found) < 6:
        inside = _trimmed(_inside(match))
        if inside:
            found.append(inside)
        joined = _JOIN.match(statement, match.end())
        match = _ENVIRONMENT.match(statement, joined.end() if joined else match.end())
    return found


def _inside(match: re.Match[str]) -> str:
    return match["dollars"] or match["round"] or match["square"] or ""


def _trimmed(text: str) -> str:
    """Return `text` without Markdown, a closing full stop, and the dollar sign of a price."""
    bare = text.strip(_EDGES).rstrip(" .,;").strip(_EDGES)
    if bare.startswith("$") and bare.count("$") == 1:
        bare = bare[1:].strip()
    return "" if "$" in bare.replace("\\$", "") else bare


def plain_number(expression: str) -> str:
    """Return `expression` without its dollar signs if it is one number, else the empty string."""
    bare = plain(expression[1:-1]).strip()
    number = parse_number(bare)
    return bare if number is not None and number.value is not None and ":" not in bare else ""
