"""Exact arithmetic on hostile text: a small parser over rational numbers, and no `eval`.

    evaluate("20*40%")          → 8
    evaluate("(1,000-250)/3")   → 250
    evaluate("2^10 - 3 x 4")    → 1012
    evaluate("11-x")            → None: not arithmetic

Understood: `+ - * x X × · / ÷ // ^ **`, parentheses, unary minus and plus, implied multiplication
before a parenthesis, decimals, thousands separators (also spaces, "150 000"), per cent signs,
currency signs and fractions such as ½. Everything else, division by zero, and whatever exceeds the
limits below gives None.
"""

from __future__ import annotations

import re
from fractions import Fraction

from cotkd.rationales.number import VULGAR, Rational, decimal, plain, ratio

MAX_LENGTH = 500
"""Characters of an expression."""
MAX_DEPTH = 50
"""Nested parentheses."""
MAX_BITS = 2048
"""Size of the numerator and denominator of a power, and of a result."""

_NUMBER = (
    r"\d{1,3}(?:,\d{2,3})*,\d{3}(?!\d)(?:\.\d+)?|[1-9]\d{0,2}(?: \d{3})+(?!\d)|\d+\.?\d*|\.\d+"
)
_TOKEN = re.compile(
    rf"\s*(?:({_NUMBER})|([{''.join(VULGAR)}])|(\*\*|//|[-+*/^()%xX])|(\S))",
    re.ASCII,
)
_SIMPLE = re.compile(r"([0-9]{1,15})([-+*/])([0-9]{1,15})")
_OPERATORS = str.maketrans("×·∙⋅∗÷∕⁄[]{}", "*****///()()", "$€£¥₹\\")


class _NotArithmetic(Exception):
    """The text is not an expression that is understood within the limits."""


def evaluate(expression: str) -> Rational | None:
    """Return the exact value of an arithmetic expression, or None if it is not one."""
    simple = _SIMPLE.fullmatch(expression)
    if simple is not None:
        return binary(int(simple[1]), simple[2], int(simple[3]))
    if len(expression) > MAX_LENGTH:
        return None
    if not expression.isascii() or "$" in expression or "\\" in expression or "[" in expression:
        expression = plain(expression).translate(_OPERATORS)
    try:
        value = _Parser(expression).value()
    except _NotArithmetic:
        return None
    return value if _bits(value) <= MAX_BITS else None


def binary(left: Rational, operator: str, right: Rational) -> Rational | None:
    """Return the value of one operation; None for a division by zero."""
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator in "*xX":
        return left * right
    if not right:
        return None
    if operator == "//":
        return left // right
    if isinstance(left, int) and isinstance(right, int):
        return ratio(left, right)
    return Fraction(left) / right


class _Parser:
    """Recursive descent, one method per precedence level; recursion only through parentheses."""

    def __init__(self, text: str) -> None:
        self.tokens: list[Rational | str] = [*map(_token, _TOKEN.findall(text.strip())), ""]
        self.at = 0
        self.depth = 0

    def value(self) -> Rational:
        value = self.sum()
        if self.tokens[self.at] != "":
            raise _NotArithmetic
        return value

    def take(self, *operators: str) -> str | None:
        token = self.tokens[self.at]
        if isinstance(token, str) and token in operators:
            self.at += 1
            return token
        return None

    def sum(self) -> Rational:
        value = self.product()
        while operator := self.take("+", "-"):
            value = value + self.product() if operator == "+" else value - self.product()
        return value

    def product(self) -> Rational:
        value = self.signed()
        while True:
            if operator := self.take("*", "/", "//", "x", "X"):
                result = binary(value, operator, self.signed())
                if result is None:
                    raise _NotArithmetic
                value = result
            elif self.tokens[self.at] == "(":
                value = value * self.power()
            else:
                return value

    def signed(self) -> Rational:
        negative = False
        while operator := self.take("+", "-"):
            negative ^= operator == "-"
        value = self.power()
        return -value if negative else value

    def power(self) -> Rational:
        bases = [self.operand()]
        while self.take("^", "**"):
            negative = self.take("-") is not None
            base = self.operand()
            bases.append(-base if negative else base)
        value = bases.pop()
        while bases:
            value = _raise(bases.pop(), value)
        return value

    def operand(self) -> Rational:
        token = self.tokens[self.at]
        self.at += 1
        if token == "(":
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise _NotArithmetic
            value = self.sum()
            if not self.take(")"):
                raise _NotArithmetic
            self.depth -= 1
        elif isinstance(token, str):
            raise _NotArithmetic
        else:
            value = token
        return value * Fraction(1, 100) if self.take("%") else value


def _token(groups: tuple[str, str, str, str]) -> Rational | str:
    digits, vulgar, operator, other = groups
    if digits:
        value = decimal(digits)
        if value is None:
            raise _NotArithmetic
        return value
    if vulgar:
        return VULGAR[vulgar]
    if other:
        raise _NotArithmetic
    return operator


def _bits(value: Rational) -> int:
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def _raise(base: Rational, exponent: Rational) -> Rational:
    if exponent != int(exponent):
        raise _NotArithmetic
    base, power = Fraction(base), int(exponent)
    if _bits(base) * abs(power) > MAX_BITS or (not base and power < 0):
        raise _NotArithmetic
    return Fraction(base**power)
