r"""Reads the value of an answer statement, the text behind a marker.

    "18 eggs, because 20 - 2 = 18"    → 18     a value that begins the statement
    "$3 * 6 = $18"                    → 18     what follows the last `=`
    "48 = 4 * 12"                     → 48     what stands before `=` and a calculation
    "530 - 120, which is 410"         → 410    a calculation, then its value
    "(84 / 2)"                        → 42     arithmetic
    "\frac{3}{4}\text{ of it}"        → 3/4    LaTeX
    "cannot be determined"            → ABSTENTION
    "(2 * x)", "(120 /"               → UNREADABLE: a value is meant that is not a number
    "86 glasses and 42 plates"        → UNREADABLE: two numbers
    "found by adding"                 → None: no answer is stated here after all

In longer prose the first number counts, in a JSON field the one that `closing` chooses.
"""

from __future__ import annotations

import re

from cotkd.rationales.amount import Amount, amount_at, amounts
from cotkd.rationales.arithmetic import evaluate
from cotkd.rationales.closing import chosen
from cotkd.rationales.language import DECLINES
from cotkd.rationales.number import ABSTENTION, Number, agree
from cotkd.rationales.spelled import number_in_words

UNREADABLE = Number(None, 0)
"""Returned where a value is meant that is not a number; it ends the search for an answer."""

MAX_FIELD = 200
"""A longer JSON answer is a derivation, from which no number is picked."""

_ABSTAINS = re.compile(
    r"\W*(?:none|n/?a|nan|unknown|undetermined|indeterminate|impossible|error"
    r"|(?:there is )?no (?:answer|solution)|not (?:enough|possible|determinable|given|sufficient)"
    r"|insufficient|unable|uncertain|(?:it |this |the answer )?(?:can ?not|can't|could not)"
    r" (?:be )?(?:determine|answer|calculate|solve|compute|know)d?"
    rf"|(?:left )?(?:open|unclear|unsolvable)|{DECLINES})\b",
    re.IGNORECASE,
)
_INTEGER = re.compile(r"[ \"$]*(-?[0-9]{1,15})[ \".]*")
"""Most statements are that and nothing else."""
_WORD = re.compile(r"\w")
_LEADING = re.compile(
    r"[\s*_`\"'\\]*(?:(?:about|approximately|roughly|exactly|only|just|a total of|≈|~)[ \t]*)?",
    re.IGNORECASE,
)
_CONTINUES = re.compile(r"[ \t)\]}*]*(?:[-+/x*^=<>×÷(]|\\times|\\div)")
_ENDS = re.compile(
    r"[,;.(]\s|(?:[ \t]+[a-z-]{1,20}){0,3}[,;]?\s+(?:because|since|as|which|where|so|but|and)\b"
    r"|[\s\"'*`$.)]*$",
    re.IGNORECASE,
)
_SECOND = re.compile(
    r"(?:[ \t]+[a-z-]{1,20}){1,3}(?:[,;&]|[,;]?[ ]and)[ ][$€£]?\d"
    r"|(?:[,;&]|[,;]?[ ]and)[ ][$€£]?\d+(?:,|[ ]and\b|[\s\"'.]*$)"
    r"|,\d",
    re.IGNORECASE,
)
_VALUE = re.compile(r"[\s*_`\"'$]*(?:\(|[-\d$€£¥])")
_LATEX = re.compile(
    r"\\(?:text|mathrm|mbox|textbf|mathbf)\s?\{([^{}]*)\}|\\[,;:! ()\[\]]|\{([,.])\}|\\n"
)
_SYMBOLS = r"\\(?:sqrt|pi|log|ln|sin|cos|tan|infty|sum|int|binom|alpha|theta)(?![a-z])|[√π]"
_SYMBOLIC = re.compile(
    rf"[\s*_`\"'$({{-]*"
    rf"(?:\d[\d.,]{{0,40}}(?:[xyzn](?![A-Za-z\d]|[ ]\d)|[ ]?(?:{_SYMBOLS}))|{_SYMBOLS})"
)
"""A value that holds a root, a constant or an unknown: "2\\sqrt{3}", "3\\pi", "18x"."""
_NOT = re.compile(r"\s*not (?:equal to |exactly |just )?[$€£*]{0,3}\d", re.IGNORECASE)
_OR = re.compile(r"[ \t]+or[ \t]+(?=[$€£\d-])", re.IGNORECASE)
_NEGATIVE = re.compile(r"[\s*_`\"'$]*(?:negative|minus)\s+(?=[$€£\d\\])", re.IGNORECASE)
_NOT_THIS = re.compile(r"\s*not [^,.;\n]{1,30},? but (?:rather )?", re.IGNORECASE)
_MIXED = re.compile(r"[\s*_`\"'$]*(\d{1,15})[ ]and[ ](?=\d{1,3}[ ]?/[ ]?\d)")
_CALCULATION = re.compile(r"[\s$(*]*[\d.,]+[\s)%a-z]{0,20}(?:[-+*/×÷x]|\\times|\\cdot)[\s($]*\d")
_OR_SAME = re.compile(r",?[ ](?:or|i\.e\.,?|that is,?)[ ]")
_ALONE = re.compile(r"[\s*$]*=")
_BEGINS = re.compile(
    r"[\s*_`\"':]*(?:(?:about|approximately|exactly|a total of|only|just)[ ]|[A-Za-z][ ]*=[ ]*"
    r"|[\\$£€({\[-][ ]*)*(?:\d|\.\d|\\[dt]?frac|\\sqrt|\\text|\$|[A-Za-z]\b[ ]*[-+^=])",
    re.IGNORECASE,
)
_BROKEN = re.compile(r"(?:\s[-+*/×÷=]|(?<![-+*/×÷=*])[+×÷=/])[\s$]*\Z")
"""An operator that nothing follows."""
_OPERATION = re.compile(
    r"(?:[ ](?!which\b|that\b|is\b|or\b|so\b)[A-Za-z-]{1,20}){0,3}[ ]?(?:[-+/*×÷]|\\(?:times"
    r"|div|cdot)|\b(?:times"
    r"|plus|minus|multiplied by|divided by|over|of|less|more than|less than|added to"
    r"|x)\b)[ ]*[$€£(]*[\d.]",
    re.IGNORECASE,
)
_GIVES = re.compile(
    r"(?:,?[ ](?:which|that|this|and that|and this|it|thus|hence)[ ](?:is|equals?|makes?"
    r"|gives?|comes"
    r" to|means|totals|works out to|leaves)|,?[ ](?:or|i\.e\.|that is|so|making|giving"
    r"|leaving|equals"
    r"?|equalling|totalling|for a total of|namely))[,:]?[ ](?:about |exactly |in total |simply )?"
    r"(?=[*$€£]*-?\.?\d)",
    re.IGNORECASE,
)


def read_statement(text: str, marker: str) -> Number | None:
    """Return the stated number, `ABSTENTION`, `UNREADABLE`, or None where nothing is stated."""
    if integer := _INTEGER.fullmatch(text):
        return Number(int(integer[1]))
    if "\\" in text or "{" in text:
        text = _LATEX.sub(lambda m: m[2] or f" {m[1] or ''}", text)
    if corrected := _NOT_THIS.match(text):
        text = text[corrected.end() :]
    if mixed := _MIXED.match(text):
        text = text[: mixed.end(1)] + " " + text[mixed.end() :]
    if _NOT.match(text):
        return UNREADABLE
    if negative := _NEGATIVE.match(text):
        text = "-" + text[negative.end() :]
    lead = _LEADING.match(text)
    leading = amount_at(text, lead.end() if lead else 0)
    if symbolic(text, text.rfind("=") + 1) and not _ended(text, leading):
        return None if marker == "bold" else UNREADABLE
    if leading is not None and _two_values(text, leading):
        return UNREADABLE
    if leading is not None and "=" not in text and not _CONTINUES.match(text, leading.end):
        return _calculated(text, leading) or leading.number
    value = UNREADABLE if _BROKEN.search(text) else _read_longer(text, leading, marker)
    if value is None and (marker == "json" or _VALUE.match(text)):
        return UNREADABLE
    return value


def begins_with_value(text: str) -> bool:
    """Whether `text` begins with a number or a formula, and not with words that hold one."""
    return _BEGINS.match(text) is not None


def _calculated(text: str, leading: Amount) -> Number | None:
    """Return the value of a calculation that is stated before it: "24 times 3, that is 72"."""
    if not _OPERATION.match(text, leading.end):
        return None
    gives = _GIVES.search(text, leading.end)
    amount = amount_at(text, gives.end()) if gives else None
    return amount.number if amount else None


def _ended(text: str, leading: Amount | None) -> bool:
    return leading is not None and _ENDS.match(text, leading.end) is not None


def _two_values(text: str, first: Amount) -> bool:
    """Whether two different values are stated: "86 and 42", "18 or 19" but not "1/2 or 0.5"."""
    if _SECOND.match(text, first.end):
        return True
    either = _OR.match(text, first.end)
    second = amount_at(text, either.end()) if either else None
    return second is not None and not agree(first.number, second.number)


def abstains(text: str) -> bool:
    """Whether `text` begins by declining to answer."""
    return _ABSTAINS.match(text) is not None


def symbolic(text: str, at: int = 0) -> bool:
    """Whether a value that holds a root, a constant or an unknown stands at `at`."""
    return _SYMBOLIC.match(text, at) is not None


def only_abstains(text: str) -> bool:
    """Whether `text` declines to answer and says nothing else: "None", "cannot be determined"."""
    match = _ABSTAINS.match(text)
    return match is not None and not _WORD.search(text, match.end())


def _read_longer(text: str, leading: Amount | None, marker: str) -> Number | None:
    if leading is not None and _ended(text, leading):
        return leading.number
    if abstains(text):
        return ABSTENTION
    if marker == "json" and len(text) > MAX_FIELD:
        return None
    if leading is not None and "=" not in text and (calculated := _calculated(text, leading)):
        return calculated
    if "=" in text and (equated := equated_with(text)):
        return equated
    value = evaluate(text.strip(" \t\n*_`\"'.$"))
    if value is not None:
        return Number(value)
    if leading is None and _VALUE.match(text):
        return None
    found = list(amounts(text))
    if not found:
        return number_in_words(text)
    return (chosen(text, found) if marker == "json" and leading is None else found[0]).number


def equated_with(text: str) -> Number | None:
    """Return the value of an equation: behind its last `=`, or before it where it calculates."""
    right = text.rindex("=") + 1
    found = list(amounts(text, right))
    if len(found) > 1 and _CALCULATION.match(text, right):
        before = list(amounts(text, 0, right - 1))
        if len(before) == 1 and _ALONE.match(text, before[0].end):
            return before[0].number
    if not found:
        return None
    same = found[1:] and _OR_SAME.fullmatch(text, found[0].end, found[1].start)
    again = bool(same) and agree(found[0].number, found[1].number)
    return found[again].number  # "0.08, or 8%" may be meant as 8
