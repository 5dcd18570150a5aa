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
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from cotkd.rationales.arithmetic import evaluate
from cotkd.rationales.markers import statements
from cotkd.rationales.number import ABSTENTION, NUMBER, Number, parse_number, plain, read
from cotkd.rationales.statement import UNREADABLE, abstains, read_statement
from cotkd.rationales.text import Reading

MARKERS = ("json", "boxed", "####", "-->", "answer", "A:", "bold", "number")
"""Where an answer is looked for, in order; `number` is the last number of the text."""


class Extraction(NamedTuple):
    """An answer as read: its value, where it is stated, by which marker.

    `start` is where the marker begins and `end` where the statement ends, in the original text.
    """

    value: Number
    start: int
    end: int
    marker: str

    @property
    def answer(self) -> str:
        """The canonical spelling, e.g. `18`, `0.75`, `1/3`; `none` for an abstention."""
        return self.value.spelling


def extract_answer(text: str, markers: Sequence[str] = MARKERS) -> str | None:
    """Return the canonical final answer of `text`, or None where it states none."""
    found = extract(text, markers)
    return None if found is None else found.answer


def extract(text: str, markers: Sequence[str] = MARKERS) -> Extraction | None:
    """Return the final answer of `text` with its place, or None where it states none."""
    reading = Reading(text)
    for marker in markers:
        if marker == "number":
            found = _last_number(reading)
            if found is not None:
                return found
            continue
        for start, begin, end in statements(reading.text, marker):
            value = read_statement(reading.text[begin:end], marker)
            if value is UNREADABLE:
                return None
            if value is not None:
                return Extraction(value, start + reading.start, end + reading.start, marker)
    return None


_DIGIT = re.compile(r"[0-9\u00bc-\u00be\u2150-\u215e]")
_WINDOW = 1000


def _last_number(reading: Reading) -> Extraction | None:
    """Return the last number, looking only around the last digit."""
    text = reading.text
    backwards = _DIGIT.search(text[::-1])
    if backwards is None:
        return None
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
    return found


_MAX_CACHED = 2000


def read_gold(gold: str) -> Number | None:
    """Read a gold answer: a bare value ("1,000", "# 18", "( 84.0 / 2.0 )") or a whole solution."""
    return _read_gold(gold) if len(gold) <= _MAX_CACHED else _read_gold.__wrapped__(gold)


@lru_cache(maxsize=8192)
def _read_gold(gold: str) -> Number | None:
    bare = plain(gold).strip().lstrip("#").strip()
    value = parse_number(bare)
    if value is not None:
        return value
    if abstains(bare) and len(bare) < 60:
        return ABSTENTION
    result = evaluate(bare)
    if result is not None:
        return Number(result)
    found = extract(gold)
    return None if found is None else found.value
