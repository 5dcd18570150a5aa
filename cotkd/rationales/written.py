r"""Finds the equations that a rationale writes out, without calculator annotations.

    "3 bags * 4 apples = 12 apples"          3 * 4 = 12
    "She pays $3 × 4 = $12."                 3 * 4 = 12
    "20% of 50 = 10, \frac{12}{4} = 3"       20% * 50 = 10  and  12/4 = 3
    "2x + 3 = 7", "Total = 15"               none: not arithmetic, or nothing to check

Precision comes first: what stands beside the equation must not change its meaning. It does not
begin behind an operator, a variable, a closing bracket or a word such as "half of", and does not
end before a letter or an operator. An equation that an annotation follows ("3 * 4 = <<3*4=12>>12")
is left to that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cotkd.rationales.number import plain
from cotkd.rationales.text import MAX_TEXT

MAX_SIDE = 160
"""Characters on one side of an equals sign."""
MAX_LINKS = 12
"""Sides of one chain."""
MAX_EQUATIONS = 1_000
"""Equations looked at in one text."""


class Side(NamedTuple):
    """One side of an equation: what to compute, and the words that stand with its numbers."""

    expression: str
    units: tuple[str, ...]
    has_operator: bool


class Written(NamedTuple):
    """An equation, or a chain `a = b = c`, as it stands in `text[start:end]`."""

    sides: tuple[Side, ...]
    start: int
    end: int
    around: str
    """The equation with the words before and after it."""

    @property
    def approximate(self) -> bool:
        """Whether a sign is ≈, or the words around speak of rounding or of a remainder."""
        return _ROUNDED.search(self.around) is not None


_EQUALS = re.compile(r"<<[^<>\n]*>>|(?<![!<>:=~≠≤≥])={1,2}(?![=<>])(?![ \t$€£]{0,4}<<)|≈")
_COVERED = re.compile(r"=[ \t$€£]{0,4}<<[^<>\n=]*=[^<>\n=]*>>")
"""Twice this many equals signs: the text writes no equation beside its annotations."""
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?!,?\d)(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
_TIMES = r"[xX](?=[ \t]*[$€£(\d.])|(?<=[%t] )of(?=[ \t]+[$€£(\d.])|(?<=/\d )of(?=[ \t]+[$€£(\d.])"
_WORD_OF_UNIT = rf"(?!{_TIMES})[A-Za-z¢][A-Za-z'’-]*+"
_UNIT = (
    rf"(?>(?:[ \t]?(?:/[ \t]?(?=[A-Za-z])|per[ \t]+|an?[ \t]+)?{_WORD_OF_UNIT}"
    rf"(?:[ \t](?:/[ \t]?|per[ \t]+)?{_WORD_OF_UNIT}|/{_WORD_OF_UNIT}){{0,2}}+)?+"
    r"(?:(?<=[A-Za-z])\.(?=[ \t]*[-+*/=]))?)"
)
_NUMBER = rf"(?:-(?=[$€£\d.]))?(?:\\?[$€£₹¥][ \t]?)?{_DIGITS}(?:\.{{3}}|…)?(?:[ \t]?\\?%)?"
_OPERAND = rf"(?>(?:[(\[]{{1,4}}[ \t]*)?{_NUMBER}{_UNIT}(?:[ \t]*[)\]]{{1,4}}{_UNIT})?)"
_OPERATOR = rf"(?>[ \t]*(?:\*\*|//|[-+*/^]|{_TIMES}|(?<=[\d)])(?=\())[ \t]*)"
_SIDE = rf"{_OPERAND}(?>{_OPERATOR}{_OPERAND}){{0,30}}+"
_FIRST = re.compile(r"[-(\[$€£₹¥\\.\d]")
_LEFT = re.compile(rf"{_SIDE}[ \t]*\Z")
_RIGHT = re.compile(rf"[ \t]*({_SIDE})")
_BOUND = re.compile(
    r"(?:[-+*\w.,:/^√∛)\]}!²³%…¢]"
    r"|(?:[-+*/^√∛)\]}!<>=][ \t]*[A-Za-z][A-Za-z \t]{0,30}|[-+*/^√∛)\]}!=<>]"
    r"|(?<![A-Za-z'’])[A-Za-z]|\d|\d[ \t]+and"
    r"|(?i:\b(?:times|plus|minus|by|of|off|twice|double|triple|half|negative|than|from|sum|root"
    r"|squared?|cubed?|log|sin|cos|tan|thrice|quarter|third|dozen|thousand|hundred|million|over"
    r"|product|mod|subtract(?:ing)?|add(?:ing)?|to)))[ \t]+)\Z"
)
_LABEL = re.compile(r"(?:\A|\n)[ \t]*(?:[-+*•>|][ \t]+|\(?\d{1,2}[.)][ \t]+|[A-Za-z][.)][ \t]+)\Z")
_AFTER_SIGN = re.compile(r"=[ \t]*\Z")
_GOES_ON = re.compile(
    r"[\w^²³!√:∶%°/]|[ \t]*(?:[*^(√±]|[-+/=][ \t]*[\w($€£\\.]|[xX][ \t]*[\d($]"
    r"|\\(?:times|div|cdot|frac|sqrt|pm|%|pi)|(?i:mod|choose|remainder|rem|and[ \t]+\d+/)\b"
    r"|[rR][ \t]?\d|\d)"
)
_ROUNDED = re.compile(
    r"\b(?:round|approx|about|remain|left ?over|whole|nearest|roughly|estimat|truncat|at least"
    r"|ceil|floor|full|complete)|≈|~|\.\.\.|…",
    re.IGNORECASE,
)
_FIRST_WORD = re.compile(r"(?<=[\d%)])[ \t]?([A-Za-z¢]+)|(?<![A-Za-z'’])([B-Zb-z])(?![A-Za-z'’])")
_CURRENCY = re.compile(r"[$€£₹¥]")
_CALCULATES = re.compile(
    r"(?i:\b(?:plus|minus|times|divided|multiplied|more|less|and[ \t]+\d|squared|cubed)\b)"
)
_NOT_UNITS = frozenset({"of", "per", "an"})
_DROP = re.compile(
    r"/[ \t]?(?=[A-Za-z])[A-Za-z'’-]+|[A-Za-z¢'’]+(?:-[A-Za-z'’]+)*\.?|[ \t…]|\\?[$€£₹¥]|\.{3}"
)
_MULTIPLY = re.compile(rf"{_TIMES}")
_HAS_OPERATOR = re.compile(r"(?<=[\d)%])[-+*/^(]")

_ASCII = str.maketrans("×·∙⋅∗÷∕⁄–", "*****///-")
_LATEX = re.compile(
    r"\\[dt]?frac\{([^{}\n]{1,40})\}\{([^{}\n]{1,40})\}|\\(?:times|cdot|ast)(?![A-Za-z])"
    r"|\\div(?![A-Za-z])|\\(?:text|mathrm|textbf|mathbf)\{([^{}\n]{0,40})\}|\\[,;:! ]"
    r"|\\(?:left|right)(?=[()\[\]])|\\approx(?![A-Za-z])|&"
)


def written_equations(text: str) -> Iterator[Written]:
    """Yield the equations of `text` outside its annotations, in order.

    Only the first `MAX_TEXT` characters are looked at.
    """
    if "=" not in text and "≈" not in text and "\\approx" not in text:
        return
    text = text[:MAX_TEXT]
    if 2 * len(_COVERED.findall(text)) == text.count("=") and "≈" not in text:
        return
    body = _same_length(text)
    end = 0
    for _, sign in zip(range(MAX_EQUATIONS), _signs(body), strict=False):
        if sign.start() < end:
            continue
        found = _equation(body, sign, end)
        if found is not None:
            end = found.end
            yield found


def _signs(body: str) -> Iterator[re.Match[str]]:
    return (match for match in _EQUALS.finditer(body) if match[0][0] != "<")


def _same_length(text: str) -> str:
    """Return `text` with LaTeX and emphasis as plain signs, every character in its place."""
    if not text.isascii():
        text = plain(text).translate(_ASCII)
    if "\\" in text:
        text = _LATEX.sub(_plain_latex, text)
    return text.replace("**", "  ") if "**" in text else text


def _plain_latex(match: re.Match[str]) -> str:
    whole = match[0]
    if match[1]:
        short = f"({match[1]})/({match[2]})"
    elif match[3] is not None:
        short = match[3]
    else:
        signs = {"\\times": "*", "\\cdot": "*", "\\ast": "*", "\\div": "/", "\\approx": "≈"}
        short = signs.get(whole, "")
    return short.ljust(len(whole))


def _equation(body: str, sign: re.Match[str], floor: int) -> Written | None:
    """Return the equation around one equals sign, with the links that follow it."""
    begin = max(floor, body.rfind("\n", 0, sign.start()) + 1, sign.start() - MAX_SIDE)
    left = _leftmost(body, begin, sign.start())
    if left < 0:
        return None
    sides = [_side(body[left : sign.start()])]
    at = end = sign.end()
    while len(sides) < MAX_LINKS and (right := _RIGHT.match(body, at, at + MAX_SIDE)):
        sides.append(_side(right[1]))
        end = right.end()
        spaces = 1 if body[end : end + 1] == " " else 0
        link = _EQUALS.match(body, end + spaces)
        if link is None or link[0][0] == "<":
            break
        at = link.end()
    if len(sides) < 2:
        return None
    at = end
    if not any(side.has_operator for side in sides) or _GOES_ON.match(body, at):
        return None
    return Written(tuple(sides), left, at, body[max(begin, left - 60) : at + 60])


def _leftmost(body: str, begin: int, end: int) -> int:
    """Return where the left side begins, or -1 where what stands before it changes its meaning."""
    pause = max(body.rfind(mark, begin, end) for mark in (", ", ". ", "; ", ": "))
    first = _FIRST.search(body, pause + 1 if pause >= begin else begin, end)
    found = first and _LEFT.search(body, first.start(), end)
    if not found:
        return -1
    before = body[max(0, begin - 1, found.start() - 50) : found.start()]
    if _BOUND.search(before) and not (_LABEL.search(before) or _AFTER_SIGN.search(before)):
        return -1
    return found.start()


def _side(text: str) -> Side:
    text = _MULTIPLY.sub("*", text)
    expression = _DROP.sub("", text)
    units = [(word or letter).lower() for word, letter in _FIRST_WORD.findall(text)]
    units += _CURRENCY.findall(text)
    return Side(
        expression,
        tuple(unit for unit in units if unit not in _NOT_UNITS),
        _HAS_OPERATOR.search(expression) is not None,
    )
