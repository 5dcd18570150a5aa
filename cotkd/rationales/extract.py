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
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

from cotkd.rationales.arithmetic import evaluate
from cotkd.rationales.markers import may_state, statements
from cotkd.rationales.number import ABSTENTION, NUMBER, Number, parse_number, plain, read
from cotkd.rationales.statement import UNREADABLE, abstains, only_abstains, read_statement, symbolic
from cotkd.rationales.text import Reading

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


def extract(text: str, markers: Sequence[str] = MARKERS) -> Extraction[Number] | None:
    """Return the final number of `text` with its place, or None where it states none."""
    found = find(text, markers, read_statement, _last_number)
    if (found is None or found.marker in ("number", "bold")) and "number" in markers:
        # A number that nothing marks as the answer says less than a closing "cannot be determined".
        found = _abstention(text) or found
    return None if found is None or found.value is UNREADABLE else found


def find(
    text: str,
    markers: Sequence[str],
    read_value: Callable[[str, str], Value | None],
    read_rest: Callable[[Reading], Extraction[Value] | None],
) -> Extraction[Value] | None:
    """Return the first value that can be read, marker by marker.

    Args:
        text: What a model wrote.
        markers: Where to look, in order; `number` stands for the fallback.
        read_value: Reads (statement, marker), giving None where no answer is stated.
        read_rest: The fallback, which reads the text itself.
    """
    reading = Reading(text)
    for marker in markers:
        if marker == "number":
            found = read_rest(reading)
        elif may_state(reading.text, marker):
            found = _stated(reading, marker, read_value)
        else:
            continue
        if found is not None:
            return found
    return None


def _stated(
    reading: Reading, marker: str, read_value: Callable[[str, str], Value | None]
) -> Extraction[Value] | None:
    for start, begin, end in statements(reading.text, marker):
        value = read_value(reading.text[begin:end], marker)
        if value is not None:
            return Extraction(value, start + reading.start, end + reading.start, marker)
    return None


_DIGIT = re.compile(r"[0-9\u00bc-\u00be\u2150-\u215e]")
_WINDOW = 1000
_GOODBYE = re.compile(
    r"\n\W{0,9}(?:I hope (?:this|that|it)|let me know|feel free to|is there anything"
    r"|if you (?:have|need))",
    re.IGNORECASE,
)
"""What chat models say after they have answered."""
_BARE = 60
"""A text shorter than this may be one expression and nothing else: "( 84.0 / 2.0 )"."""


def _last_number(reading: Reading) -> Extraction[Number] | None:
    """Return the last number, looking only around the last digit."""
    text = reading.text
    if goodbye := _GOODBYE.search(text, max(1, len(text) - 400)):
        text = text[: goodbye.start()]
    backwards = _DIGIT.search(text[::-1])
    if backwards is None:
        return None
    if len(text) < _BARE and ("(" in text or "*" in text):
        whole = evaluate(text.strip(" \n$.="))
        if whole is not None:
            return Extraction(Number(whole), reading.start, reading.end, "number")
    after = len(text) - backwards.start()
    begin = max(0, after - _WINDOW)
    if begin:
        begin = next((i for i in range(begin, after) if text[i].isspace()), begin)
    found = None
    for match in NUMBER.finditer(text, begin, min(len(text), after + 20)):
        value = read(match)
        if value is not None:
            start, end = match.span()
            found = Extraction(value, start + reading.start, end + reading.start, "number")
    return None if found and _symbolic(text, found.start - reading.start) else found


_ROOT = re.compile(r"(?:\\sqrt(?:\[\d{1,3}\])?[ ]?\{?|√\(?)[ ]?$")


def _symbolic(text: str, start: int) -> bool:
    """Whether the number at `start` stands under a root or before a root or a constant."""
    return _ROOT.search(text[max(0, start - 12) : start]) is not None or symbolic(text, start)


_DECLINES = re.compile(
    r"(?:can ?not|can't|could not|impossible to|unable to) (?:be )?(?:determine|answer|calculate"
    r"|solve|compute|know|say|tell)|(?:not enough|insufficient|missing) (?:information|data)"
    r"|\bno (?:valid |possible |unique )?(?:answer|solution)|unsolvable|unanswerable|undetermined",
    re.IGNORECASE,
)
_DECLINES_WITH_NUMBERS = re.compile(
    r"(?:can ?not|can't|could not) be (?:determined|answered|calculated|solved|computed|known)\b"
    r"|(?:not enough|insufficient) (?:information|data)\b",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"=|\b(?:so|but|however|then|thus|therefore|hence|assum\w+|if|unless|without|until|yet)\b",
    re.IGNORECASE,
)
"""After these a number may be the answer: "cannot be known exactly, but about 18"."""
_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+")


def _abstention(text: str) -> Extraction[Number] | None:
    """Return the abstention that `text` closes with, in its last sentence."""
    reading = Reading(text)
    if not declines(reading.text):
        return None
    return Extraction(ABSTENTION, reading.start, reading.end, "number")


def declines(text: str) -> bool:
    """Whether the last sentence of `text` says that there is no answer."""
    closing = text.rstrip()[-500:]
    last = _SENTENCES.split(closing)[-1]
    if not _DIGIT.search(last):
        return _DECLINES.search(last) is not None or (len(text) < _BARE and only_abstains(text))
    said = _DECLINES_WITH_NUMBERS.search(last)
    return said is not None and not _GOES_ON.search(last, said.end())


_MAX_CACHED = 2000
_MAX_VALUE = 500


def read_gold(gold: str) -> Number | None:
    """Read a gold answer: a bare value ("1,000", "# 18", "( 84.0 / 2.0 )") or a whole solution."""
    return _read_gold(gold) if len(gold) <= _MAX_CACHED else _read_gold.__wrapped__(gold)


@lru_cache(maxsize=8192)
def _read_gold(gold: str) -> Number | None:
    value = _read_value(gold) if len(gold) <= _MAX_VALUE else None
    if value is not None:
        return value
    found = extract(gold)
    return None if found is None else found.value


def _read_value(gold: str) -> Number | None:
    bare = plain(gold).strip().lstrip("#").strip()
    number = parse_number(bare)
    if number is not None:
        return number
    if abstains(bare) and len(bare) < 60:
        return ABSTENTION
    value = evaluate(bare)
    return None if value is None else Number(value)
