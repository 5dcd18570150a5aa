"""Numbers in English words: at the beginning of a text, or the only one of its last sentence.

"twenty-five eggs"                  25
"two hundred and five"              205
"three thousand"                    3000
"a dozen", "half of them"           12, 1/2
"three quarters", "one and a half"  3/4, 3/2
"found by adding"                   None
"""

from __future__ import annotations

import re
from fractions import Fraction

from cotkd.rationales.number import Number

_UNITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_VALUES = {word: value for value, word in enumerate(_UNITS)} | {
    word: 10 * tens for tens, word in enumerate(_TENS, 2)
}
_SCALES = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9}
_WHOLE: dict[str, int | Fraction] = {
    "half a dozen": 6, "half": Fraction(1, 2), "a half": Fraction(1, 2), "a dozen": 12,
    "a quarter": Fraction(1, 4), "a third": Fraction(1, 3),
}  # fmt: skip
_PARTS = {"half": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "eighth": 8,
          "tenth": 10}  # fmt: skip
_PARTS |= {f"{word}s": parts for word, parts in _PARTS.items()} | {"halves": 2}
_WORDS = re.compile(r"[\s*_`\"']*([a-z]+(?:[ -][a-z]+){0,8})", re.IGNORECASE)


_ALL = frozenset([*_VALUES, *_SCALES, "dozen"])
_RUN = re.compile(
    rf"(?<![\w-])(?:a[ ](?=dozen|hundred|thousand"
    rf"|million))?(?:{'|'.join(sorted(_ALL, key=len)[::-1])})"
    rf"(?:(?:[ -]|[ ]and[ ])(?:{'|'.join(sorted(_ALL, key=len)[::-1])})\b"
    rf"|\b(?=[ ]and a half\b))*(?:[ ]and a half)?"
    r"(?![\w-])",
    re.IGNORECASE,
)
_ONE = re.compile(
    r"\b(?:is|are|was|has|have|had|only|just|exactly|leaves|leaving|left with|gets?|keeps?"
    r"|needs?|buys?"
    r"|makes?|takes?)[ ]one[ ](?!of\b|that\b|who\b|which\b|can\b|more reason)[a-z]",
    re.IGNORECASE,
)
"""Where "one" counts something; elsewhere it is a pronoun."""
_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+")
_CLOSING = 500
_CALCULATES = re.compile(
    r"\b(?:plus|minus|times|divided by|multiplied by|add|subtract)\b", re.IGNORECASE
)


def only_number_in_words(text: str) -> Number | None:
    """Return the one number that the last sentence holds in words, or None."""
    last = next((part for part in reversed(_SENTENCES.split(text[-_CLOSING:])) if part.strip()), "")
    if _CALCULATES.search(last):
        return None
    runs = [run[0] for run in _RUN.finditer(last)]
    if len(runs) != 1 and _ONE.search(last) is None:
        runs = [run for run in runs if run.lower() != "one"]
    if len(runs) != 1 or (runs[0].lower() == "one" and _ONE.search(last) is None):
        return None
    return number_in_words(runs[0])


def number_in_words(text: str) -> Number | None:
    """Return the number that `text` begins with in words, or None."""
    match = _WORDS.match(text)
    if match is None:
        return None
    words = re.split("[ -]", match[1].lower())
    negative = words[0] in ("negative", "minus")
    words = words[negative:]
    value = _spelled(words)
    if value is None:
        return None
    return Number(-value if negative else value)


def _spelled(words: list[str]) -> int | Fraction | None:
    for length in (3, 2, 1):
        whole = _WHOLE.get(" ".join(words[:length]))
        if whole is not None:
            return whole
    if words[:1] == ["a"] and words[1:2] and words[1] in _SCALES:
        words = ["one", *words[1:]]
    value, rest = _integer(words)
    return None if value is None else _with_parts(value, rest)


def _integer(words: list[str]) -> tuple[int | None, list[str]]:
    """Return the integer that `words` begin with and the words behind it."""
    total = current = 0
    seen = False
    for at, word in enumerate(words):
        if word in _VALUES:
            current += _VALUES[word]
        elif word in _SCALES and seen:
            current = max(current, 1) * _SCALES[word]
            if word != "hundred":
                total, current = total + current, 0
        elif word != "and" or not seen or words[at - 1] not in _SCALES:
            return (total + current if seen else None), words[at:]
        seen = True
    return (total + current if seen else None), []


def _with_parts(value: int, rest: list[str]) -> int | Fraction:
    """Return "three" before "quarters" as 3/4, "one" before "and a half" as 3/2."""
    if rest[:1] == ["dozen"]:
        return 12 * value
    if rest and rest[0] in _PARTS:
        return Fraction(value, _PARTS[rest[0]])
    if rest[:1] == ["and"] and len(rest) > 2 and rest[2] in _PARTS:
        count = 1 if rest[1] == "a" else _VALUES.get(rest[1], 0)
        return value + Fraction(count, _PARTS[rest[2]])
    return value
