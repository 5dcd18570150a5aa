r"""The final answer of a model's text: explicit markers in a stated order, then the last number.

    "… so she makes 9 * 2 = $18 every day.\n#### 18"       18, marker ####
    '{"reasoning": "…", "answer": "$1,200.50 in total"}'   1200.5, marker json
    "… **Answer:** 3/4 of the cake"                        0.75, marker answer

The markers of `MARKERS` are tried in that order (`cotkd.rationales.markers` says what each finds).
Within one marker the last statement wins, so an answer that is stated and later revised counts as
revised. A marker behind which nothing is stated is passed over; a stated value that is not a number
("The answer is (2 * x)") ends the search without an answer, so that no number is fished up instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

from cotkd.rationales.amount import amounts
from cotkd.rationales.arithmetic import evaluate
from cotkd.rationales.closing import chosen
from cotkd.rationales.markers import may_state, statements
from cotkd.rationales.number import ABSTENTION, Number
from cotkd.rationales.refusal import declines
from cotkd.rationales.separators import Decimal
from cotkd.rationales.spelled import only_number_in_words
from cotkd.rationales.statement import (
    UNREADABLE,
    begins_with_value,
    only_abstains,
    read_statement,
    symbolic,
)
from cotkd.rationales.text import Reading
from cotkd.rationales.unfinished import breaks_off

Value = TypeVar("Value")

MARKERS = ("json", "boxed", "####", "-->", "answer", "A:", "bold", "number")
"""Where an answer is looked for, in order; `number` is the last number of the text."""


class Extraction(NamedTuple, Generic[Value]):
    """An answer as read: its value, where it is stated, by which marker.

    `start` is where the marker begins and `end` where the statement ends, in the original text.
    """

    value: Value
    start: int
    end: int
    marker: str


def extract_answer(text: str, markers: Sequence[str] = MARKERS) -> str | None:
    """Return the final number of `text` as `18`, `0.75` or `1/3`; None where it states none.

    An abstention ("cannot be determined") is the answer `none`.

    Args:
        text: What a model wrote.
        markers: Names of the ways of stating an answer that are looked for, the surest first.
    """
    found = extract(text, markers)
    return None if found is None else found.value.spelling


def extract(
    text: str, markers: Sequence[str] = MARKERS, *, decimal: Decimal = "auto"
) -> Extraction[Number] | None:
    """Return the final number of `text` with its place, or None where it states none."""
    reading = Reading(text, decimal)
    found = find(reading, markers, read_statement, last_number, revised=begins_with_value)
    if (found is None or found.marker in ("number", "bold")) and "number" in markers:
        # A number that nothing marks as the answer says less than a closing "cannot be determined".
        found = _abstention(reading) or found
    return None if found is None or found.value is UNREADABLE else found


def find(
    reading: Reading,
    markers: Sequence[str],
    read_value: Callable[[str, str], Value | None],
    read_rest: Callable[[Reading], Extraction[Value] | None],
    *,
    revised: Callable[[str], bool] | None = None,
) -> Extraction[Value] | None:
    """Return the first value that can be read, marker by marker.

    Args:
        reading: What a model wrote, as far as it is read.
        markers: Where to look, in order; `number` stands for the fallback.
        read_value: Reads (statement, marker), giving None where no answer is stated.
        read_rest: The fallback, which reads the text itself.
        revised: Whether a statement behind a box clearly states a value, which then counts more.
    """
    for marker in markers:
        if marker == "number":
            found = read_rest(reading)
        elif may_state(reading.text, marker):
            found = _stated(reading, marker, read_value)
        else:
            continue
        if found is not None and marker == "boxed" and revised is not None:
            found = _revision(reading, found, markers, read_value, revised) or found
        if found is not None:
            return found
    return None


def _stated(
    reading: Reading, marker: str, read_value: Callable[[str, str], Value | None]
) -> Extraction[Value] | None:
    for statement in statements(reading.text, marker):
        value = read_value(statement.stated(reading.text), marker)
        if value is not None:
            start, end = statement.start + reading.start, statement.end + reading.start
            return Extraction(value, start, end, marker)
    return None


def _revision(
    reading: Reading,
    box: Extraction[Value],
    markers: Sequence[str],
    read_value: Callable[[str, str], Value | None],
    revised: Callable[[str], bool],
) -> Extraction[Value] | None:
    """Return what is stated as the final answer behind a box, which was a step then."""
    end = box.end - reading.start
    for marker in ("####", "answer"):
        if marker not in markers or not may_state(reading.text, marker):
            continue
        for statement in statements(reading.text, marker):
            said = statement.stated(reading.text)
            if statement.start < end or "boxed{" in said or not revised(said):
                continue
            value = read_value(said, marker)
            if value is not None:
                start, stop = statement.start + reading.start, statement.end + reading.start
                return Extraction(value, start, stop, marker)
    return None


_DIGIT = re.compile(r"[0-9\u00bc-\u00be\u2150-\u215e〇一二三四五六七八九十百千万億亿]")
_WINDOW = 1000
_GOODBYE = re.compile(
    r"\n\W{0,9}(?:I hope (?:this|that|it)|let me know|feel free to|is there anything"
    r"|if you (?:have|need))",
    re.IGNORECASE,
)
"""What chat models say after they have answered."""
_BARE = 60
"""A text shorter than this may be one expression and nothing else: "( 84.0 / 2.0 )"."""


def last_number(reading: Reading) -> Extraction[Number] | None:
    """Return the number of the closing sentence, where nothing states an answer."""
    text = reading.text
    if goodbye := _GOODBYE.search(text, max(1, len(text) - 400)):
        text = text[: goodbye.start()]
    if breaks_off(text):
        return None
    backwards = _DIGIT.search(text[::-1])
    if backwards is None:
        number = only_number_in_words(text)
        return number and Extraction(number, reading.start, reading.end, "number")
    if len(text) < _BARE and ("(" in text or "*" in text):
        whole = evaluate(text.strip(" \n$.="))
        if whole is not None:
            return Extraction(Number(whole), reading.start, reading.end, "number")
    after = len(text) - backwards.start()
    begin = _sentence_start(text, after)
    found = list(amounts(text, begin, min(len(text), after + 20)))
    if not found:
        return None
    amount = chosen(text, found)
    if _symbolic(text, amount.start):
        return None
    start, end = amount.start + reading.start, amount.end + reading.start
    return Extraction(amount.number, start, end, "number")


_SENTENCE_START = re.compile(r"[.!?]\s+(?=[^\s\d])|\n|[。！？।]")


def _sentence_start(text: str, after: int) -> int:
    """Return where the sentence begins whose last digit stands before `after`."""
    begin = max(0, after - _WINDOW)
    if begin:
        begin = next((i for i in range(begin, after) if text[i].isspace()), begin)
    for match in _SENTENCE_START.finditer(text, begin, after):
        begin = match.end()
    return begin


_ROOT = re.compile(r"(?:\\sqrt(?:\[\d{1,3}\])?[ ]?\{?|√\(?)[ ]?$")


def _symbolic(text: str, start: int) -> bool:
    """Whether the number at `start` stands under a root or before a root or a constant."""
    return _ROOT.search(text[max(0, start - 12) : start]) is not None or symbolic(text, start)


def _abstention(reading: Reading) -> Extraction[Number] | None:
    """Return the abstention that a text closes with, or consists of."""
    text = reading.text
    if declines(text) or (len(text) < _BARE and not _DIGIT.search(text) and only_abstains(text)):
        return Extraction(ABSTENTION, reading.start, reading.end, "number")
    return None
