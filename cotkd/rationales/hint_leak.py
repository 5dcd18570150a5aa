r"""Hint leakage: reasoning that shows that its writer was told the answer.

    hint_leak("Since the answer is 12, Ann has 3 * 4 eggs.", "12")        # 1.0, told
    hint_leak("She has 12 eggs left because 20 - 8 is 12.", "12")         # 0.5, said first
    hint_leak("She has 12 eggs left. She ate 8.", "12", question="20 …")  # 0.25, merely there
    hint_leak("Ann has 3 * 4 = 12 eggs, so the answer is 12.", "12")      # 0.0

Rationales written to a given answer (Li et al. 2022, arXiv:2210.06726) name it where reasoning
should come first; a student that learns from them has no given answer to lean on.

The words are English. A sentence such as "since the answer is 12" counts only with the very answer
in it, and only before a calculation has arrived at that answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from cotkd.rationales.number import NUMBER, agree, parse_number, plain, read

TOLD = 1.0
"""Speaks of the answer as given, or puts it forward as a premise."""
SAID_FIRST = 0.5
"""The first sentence concludes with the answer, before any calculation."""
THERE = 0.25
"""The first sentence holds the answer, before any calculation; the question does not hold it."""
MAX_READ = 50_000
"""Characters of a text that are looked at."""

Span = tuple[int, int]
Finder = Callable[[int, int], Iterator[Span]]


class Hint(NamedTuple):
    """The clearest sign of a given answer: `text[start:end]` and how clear it is."""

    score: float
    start: int
    end: int


def hint_leak(text: str, answer: str, *, question: str = "") -> float:
    """Return how clearly `text` shows that its writer was told `answer`.

    1 (`TOLD`): the answer is spoken of as given, or is a premise ("since the answer is 12").
    0.5 (`SAID_FIRST`): the first sentence concludes with it before any calculation.
    0.25 (`THERE`): the first sentence holds it before any calculation; only looked for where the
    question is known, and does not hold it itself.
    0: none of these.

    Args:
        text: Reasoning, best without its final-answer statement.
        answer: What the writer was told, right or wrong: a number, an option, a word.
        question: Text of the question; numbers in it may well open a rationale.
    """
    found = find_hint(text, answer, question=question)
    return 0.0 if found is None else found.score


def find_hint(text: str, answer: str, *, question: str = "") -> Hint | None:
    """Return the place that `hint_leak` scores, or None where there is none."""
    text = plain(text[:MAX_READ])
    values = _finder(text, answer)
    for pattern in _AS_GIVEN:
        if match := pattern.search(text):
            return Hint(TOLD, *match.span())
    if premise := _premise(text, values):
        return Hint(TOLD, *premise)
    return _first_sentence(text, values, lambda: _holds(question, answer))


# the answer as a known thing, whatever it is

_NOUN = r"(?:(?:final|correct|right|true|actual) ){0,2}(?:answer|result|solution)"
_AS_GIVEN = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:given|provided|stated|expected|known|supplied|official|reference|gold)"
        r" (?:final |correct )?answer\b",
        r"\b(?:as|is|was|were|are|been)(?: already)? (?:given|told|stated|provided|known)"
        r"(?:,| that)? (?:that )?the (?:final |correct )?answer\b",
        r"\banswer (?:that |which )?(?:(?:is|was|has been|we(?:'re| are| were| have been)) )?"
        r"(?:already )?(?:given|provided|told|known)\b(?! (?:by|in|the|that|how)\b)",
        r"\banswer (?:key|sheet)\b",
        r"\bback(?:ward|wards)? from (?:the|this|that) (?:\w{1,12} )?(?:answer|result)\b",
        r"\b(?:justify|rationali[sz]e|explains? why|explaining why|support)"
        r" (?:the|this) (?:\w{1,12} )?answer\b",
        r"\b(?:the|your) hint\b",
    )
]

# the answer as a premise: one of these, and at once the very value

_QUANTITY = r"(?:(?:final|correct|right|overall) )?(?:total|sum|amount|value|number|count)"
_PREMISE = re.compile(
    r"\b(?:since|because|as|given(?: that)?|if|know(?:s|n|ing)?(?: that)?|told(?: that)?"
    rf"|that|assum(?:e|ing)(?: that)?),? the {_NOUN} (?:is|was|must|should|has|will|equals|needs)\b"
    r"|\b(?:know|told)(?: that)? [^.!?\n]{0,60}?\b(?:must|should|has to|have to|needs? to)"
    r" (?:be|equal|have|get|make|come to)\b"
    rf"|\b(?:are|were|was|been) told(?: that)? the {_QUANTITY}"
    r" (?:is|was|must|should|has|will|equals)\b"
    rf"|\bas (?:stated|given|told|provided|mentioned|expected|required),? the (?:{_NOUN}|total)"
    r" (?:is|was|must|should|has|will|equals)\b"
    r"|\bback(?:ward|wards)? from\b"
    r"|\b(?:since|because|as|given that) we (?:already )?know(?: that)? it"
    r"(?:['’]s| is| was| must be| has to be| should be| equals)(?!\w)"
    rf"|\bfor the {_NOUN} to (?:be|equal|come)\b"
    rf"|\b(?:get|reach|obtain|arrive at|end up with|match|getting|reaching|make) (?:to )?"
    rf"(?:the|an?) {_NOUN}\b"
    r"|\b(?:must|should|has to|have to|needs? to) (?:come out|end up)\b",
    re.IGNORECASE,
)
_FILLING = re.compile(r"[^,;.!?\n\d]{0,25}")


def _premise(text: str, values: Finder) -> Span | None:
    """Return the first premise that names the value, unless it has been calculated before."""
    reached: int | None = None
    for match in _PREMISE.finditer(text):
        filling = _FILLING.match(text, match.end())
        limit = filling.end() if filling else match.end()
        value = next(values(match.end(), limit + 30), None)
        if value is None or value[0] > limit:
            continue
        if reached is None:
            reached = _reached(text, values)
        return None if reached < match.start() else (match.start(), value[1])
    return None


# calculations

_CALCULATION = re.compile(
    r"[=+*/×÷^]|<<|\d ?[-x] ?[\d$(]"
    r"|\b(?:times|plus|minus|divided|multipl\w{1,6}|add(?:s|ed|ing)?|subtract\w{0,5}|sum|half|twice"
    r"|double|triple|total|together|altogether|product|difference|remain\w{0,5}|percent"
    r"|(?:more|less|fewer|older|younger|longer|shorter) than|per|each|every|all)\b",
    re.IGNORECASE,
)
_END = re.compile(r"[.!?](?=\s|$)|\n")


def _reached(text: str, values: Finder) -> int:
    """Return where a calculation first arrives at the value; the text's end if none does."""
    for start, end in values(0, len(text)):
        before = text[max(0, start - 120) : start]
        last = [match.end() for match in _END.finditer(before)]
        if _CALCULATION.search(before, last[-1] if last else 0):
            return end
    return len(text)


# the first sentence

_CONCLUDES = re.compile(rf"\b{_NOUN}(?: here| then)?(?: is| are| was| will be|:| =)", re.IGNORECASE)
_CAUSE = re.compile(r"[^.!?\n]{0,60}?\b(?:because|since)\b", re.IGNORECASE)
_BARE = re.compile(r"\W*(?:(?:so|it|it's|it is|is|there are|there is|the)\b\W*)*", re.IGNORECASE)


def _first_sentence(
    text: str, values: Finder, in_question: Callable[[], bool | None]
) -> Hint | None:
    begin = len(text) - len(text.lstrip())
    ends = _END.search(text, begin, begin + 300)
    end = ends.start() if ends else min(len(text), begin + 300)
    start, stop = next(values(begin, end), (end, end))
    if start >= end or _CALCULATION.search(text, begin, start):
        return None
    if _concludes(text, begin, start) or _is_bare(text, begin, start, stop, end):
        return Hint(SAID_FIRST, begin, stop)
    held = in_question()
    cause = _CAUSE.match(text, stop, end)
    if cause and not held and not _is_one_of_many_steps(text, cause.end(), end):
        return Hint(SAID_FIRST, begin, cause.end())
    return Hint(THERE, start, stop) if held is False else None


def _concludes(text: str, begin: int, start: int) -> bool:
    return any(start - match.end() <= 25 for match in _CONCLUDES.finditer(text, begin, start))


def _is_bare(text: str, begin: int, start: int, stop: int, end: int) -> bool:
    """Whether the sentence consists of the value."""
    return bool(_BARE.fullmatch(text, begin, start)) and not re.search(r"\w", text[stop:end])


def _is_one_of_many_steps(text: str, begin: int, end: int) -> bool:
    """Whether "12 because 3 * 4 = 12" is followed by more calculations: no conclusion then."""
    return "=" in text[begin:end] and "=" in text[end:]


# the value

_LETTER = re.compile(r"\W*([A-Z])\W*")


def _finder(text: str, answer: str) -> Finder:
    """Return what yields the places of `answer` in a stretch of `text`, in order."""
    number = parse_number(answer)
    if number is None or number.value is None:
        return _words(text, answer)

    def numbers(start: int, end: int) -> Iterator[Span]:
        for match in NUMBER.finditer(text, start, min(end, len(text))):
            value = read(match)
            if value is not None and agree(value, number):
                yield match.span()

    return numbers


def _words(text: str, answer: str) -> Finder:
    words = re.findall(r"\w+", plain(answer))
    letter = _LETTER.fullmatch(answer)
    joined = r"\W{1,3}".join(map(re.escape, words[:20]))
    if not words:
        pattern = re.compile(r"(?!)")
    elif letter:  # "B", but "A" only in brackets: it is also the article
        pattern = re.compile(r"\(A\)" if letter[1] == "A" else rf"\(?\b{letter[1]}\b(?!['’])\)?")
    else:
        pattern = re.compile(rf"\b{joined}\b", re.IGNORECASE)
    return lambda start, end: (match.span() for match in pattern.finditer(text, start, end))


def _holds(question: str, answer: str) -> bool | None:
    """Whether the question holds the answer; None where no question is known."""
    question = plain(question[:MAX_READ])
    found = next(_finder(question, answer)(0, len(question)), None)
    return found is not None if question.strip() else None
