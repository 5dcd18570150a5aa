r"""What two mathematical answers say that math-verify does not look at.

    "43_5" and "43_6"                    other bases: different
    "10:45 p.m." and "10:45 a.m."        other halves of the day: different
    "5 cm" and "5 m"                     other units: different; without a unit any is meant
    "20-6m" and "14"                     m is an unknown, not metres
    "x < 7" and "(-\infty, 7)"           the same set, in both directions

`settled` decides what needs no algebra, `comparable` rewrites the rest for it.
"""

from __future__ import annotations

import re
from typing import Literal

from cotkd.rationales.number import agree, parse_number
from cotkd.rationales.units import unit_of

Settled = Literal["correct", "wrong"]

_TEXT = re.compile(r"\\(?:text|mathrm|mbox|textrm|rm|operatorname)\s?\{([^{}]*)\}")
_SPACE = re.compile(r"\\[,;:! ]|~|\\quad")


def settled(found: str, expected: str) -> Settled | None:
    """Return the verdict where bases, times of day or units decide; None where algebra must."""
    return (
        _bases(found, expected)
        or _times(_flat(found), _flat(expected))
        or _units(_flat(found), _flat(expected))
    )


def comparable(found: str, expected: str) -> tuple[str, str]:
    """Return both expressions as math-verify compares them rightly."""
    found, expected = _renamed(found, expected)
    if _is_interval(expected) != _is_interval(found):
        found, expected = _as_interval(found), _as_interval(expected)
    return found, expected


def _flat(expression: str) -> str:
    """Return an expression with its words as plain text: `5\\text{ cm}` is `5 cm`."""
    bare = expression.replace("$", "")
    return " ".join(_SPACE.sub(" ", _TEXT.sub(r" \1 ", bare)).split())


_BASED = re.compile(
    r"\$?\s*(?:\(([0-9A-Fa-f]+)\)|([0-9][0-9A-Fa-f]*|[A-F][0-9A-F]+))\s*_\s*\{?\s*(?:\\text\s?\{)?\s*(\d{1,2}"
    r"|two|three|four|five|six|seven|eight|nine|ten|twelve|sixteen)\s*\}{0,2}\s*\$?"
)
_BASES = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
          "ten": 10, "twelve": 12, "sixteen": 16}  # fmt: skip


def _bases(found: str, expected: str) -> Settled | None:
    one, other = _BASED.fullmatch(found), _BASED.fullmatch(expected)
    if one is None or other is None:
        return None
    same = (one[1] or one[2]).upper() == (other[1] or other[2]).upper() and _base(one) == _base(
        other
    )
    return "correct" if same else "wrong"


def _base(match: re.Match[str]) -> int:
    return _BASES.get(match[3]) or int(match[3])


_CLOCK = re.compile(r"\d{1,2}:[0-5]\d(?:\s?[AaPp]\.?\s?[Mm]\.?)?|\d{1,2}\s?[AaPp]\.?\s?[Mm]\.?")
_HALF = re.compile(r"([AaPp])\.?\s?([Mm])")


def _times(found: str, expected: str) -> Settled | None:
    if not _CLOCK.fullmatch(found) and not _CLOCK.fullmatch(expected):
        return None
    one, other = (parse_number(_HALF.sub(r"\1\2", side)) for side in (found, expected))
    if one is None or other is None:
        return None if ":" in found and ":" in expected else "wrong"
    return "correct" if agree(one, other) else "wrong"


_UNIT = re.compile(
    r"[-+\d.,/\\{}()\s^*]*(?:frac|sqrt|pi)?[-+\d.,/\\{}()\s^*]*?(?<=[\d})\s])"
    r"(?P<square>square |sq\.? |cubic )?(?P<unit>[A-Za-z]{1,12}(?:/[a-z]{1,2})?)\.?\s*"
    r"(?:\^\s?\{?(?P<power>[23])\}?)?"
)
_POWERS = {"square ": 2, "sq ": 2, "sq. ": 2, "cubic ": 3}


def _units(found: str, expected: str) -> Settled | None:
    one, other = _unit(found), _unit(expected)
    return "wrong" if one and other and one != other else None


def _unit(flat: str) -> tuple[str, int] | None:
    match = _UNIT.fullmatch(flat)
    unit = unit_of(match["unit"]) if match else None
    if match is None or unit is None or not any(char.isdigit() for char in flat):
        return None
    return unit, int(match["power"] or _POWERS.get(match["square"] or "", 1))


_COMMAND = re.compile(r"\\[A-Za-z]+")
_UNKNOWN = re.compile(r"(?<![A-Za-z\\])(?:(?<=\d)|(?<=\d\s)|(?<=[-+(]))([a-zA-Z])(?![A-Za-z])")
_SUM = re.compile(r"[\w)}]\s*[-+]\s*[\w(\\{]")
_UNITS_OF_ONE_LETTER = frozenset("cdghlmostABCDEFGHJKLMNOPQRSTUVWXYZ")
_CONSTANTS = frozenset("ei")
_SPARE = "zynabpuvwrxkfjq"


def _renamed(found: str, expected: str) -> tuple[str, str]:
    """Give unknowns that would be read as units other letters, the same in both expressions."""
    unknown = (_unknowns(found) | _unknowns(expected)) & _UNITS_OF_ONE_LETTER
    if not unknown:
        return found, expected
    taken = set(_COMMAND.sub(" ", found + expected))
    spare = [letter for letter in _SPARE if letter not in taken]
    names = dict(zip(sorted(unknown), spare, strict=False))

    def rename(expression: str) -> str:
        return _LETTER.sub(lambda match: names.get(match[0], match[0]), expression)

    return rename(found), rename(expected)


_LETTER = re.compile(r"\\[A-Za-z]+(?:\s?\{[^{}]*\})?|[A-Za-z]+")
_PROTECTED = re.compile(r"\\(?:text|mathrm|mbox|textrm)\s?\{[^{}]*\}")


def _unknowns(expression: str) -> set[str]:
    """Return the letters in the middle of a formula: of a sum, or to a power."""
    bare = _COMMAND.sub(" ", _PROTECTED.sub(" ", expression))
    if not _SUM.search(bare):
        return set()
    return set(_UNKNOWN.findall(bare)) - _CONSTANTS


_INTERVAL = re.compile(r"(?:[A-Za-z]\\in)?[\[(].*,.*[\])]")
_ORDER = {"<": "<", "<=": "<=", "≤": "<=", ">": ">", ">=": ">=", "≥": ">="}
_RELATION = re.compile(r"\\(?:leqslant|leq|le|lt|geqslant|geq|ge|gt)(?![A-Za-z])|<=|>=|[<>≤≥]")
_OR = re.compile(
    r"\\(?:text|mathrm)\s?\{\s*(?:or|OR)\s*\}|\\(?:lor|vee|cup)(?![A-Za-z])|\bor\b|\$\s*or\s*\$"
)
_BOUND = re.compile(r"[-+]?[^<>=,;A-Za-z]*(?:\\(?:frac|sqrt|pi|infty)[^<>=,;]*)?")


def _is_interval(expression: str) -> bool:
    bare = re.sub(r"\\(?:left|right)(?![A-Za-z])|[\s$]", "", expression)
    return _INTERVAL.fullmatch(bare) is not None and not _RELATION.search(bare)


def _as_interval(expression: str) -> str:
    """Return an inequality of one unknown as an interval, and anything else as it is."""
    if not _RELATION.search(expression) or len(expression) > 200:
        return expression
    parts = [_one_interval(part) for part in _OR.split(expression.replace("$", " "))]
    if any(part is None for part in parts):
        return expression
    return "$" + r" \cup ".join(part for part in parts if part) + "$"


def _one_interval(inequality: str) -> str | None:
    """Return `-1 < x \\le 6` as `(-1, 6]`; None for what is no such inequality."""
    signs = [_direction(match[0]) for match in _RELATION.finditer(inequality)]
    sides = [side.strip() for side in _RELATION.split(inequality)]
    if len(signs) == 1 and sides[1].isalpha() and not sides[0].isalpha():
        sides.reverse()
        signs = [signs[0].translate(_MIRROR)]
    if len(signs) == 1 and sides[0].isalpha() and len(sides[0]) == 1 and _BOUND.fullmatch(sides[1]):
        closed = "=" in signs[0]
        if signs[0][0] == "<":
            return rf"(-\infty, {sides[1]}{']' if closed else ')'}"
        return rf"{'[' if closed else '('}{sides[1]}, \infty)"
    if (
        len(signs) != 2
        or signs[0][0] != signs[1][0]
        or not (sides[1].isalpha() and len(sides[1]) == 1)
    ):
        return None
    if signs[0][0] == ">":
        sides.reverse()
        signs.reverse()
    return (
        f"{'[' if '=' in signs[0] else '('}{sides[0]}, {sides[2]}{']' if '=' in signs[1] else ')'}"
    )


_MIRROR = str.maketrans("<>", "><")


def _direction(sign: str) -> str:
    """Return `<`, `<=`, `>` or `>=` for a sign in LaTeX or Unicode."""
    if sign in _ORDER:
        return _ORDER[sign]
    return ("<" if sign[1] == "l" else ">") + ("" if sign in ("\\lt", "\\gt") else "=")
