r"""What of a completion is read: not its thinking trace, not an invented next question.

    "She has 9 left. The answer is 9.\n\nQ: There are 15 trees in the grove …"
     → "She has 9 left. The answer is 9."

Positions in what is read are positions in the text, so that an answer can be shown in its place.
"""

from __future__ import annotations

import re

from cotkd.rationales.markers import may_state, statements
from cotkd.rationales.number import plain
from cotkd.rationales.separators import Decimal, pointed
from cotkd.rationales.trace import answer_span

MAX_TEXT = 200_000
"""Longer texts are read in part: answers in the last, steps in the first so many characters."""

MAX_ANSWER = 200
"""Characters of an answer in words that are compared."""

_WORDS = re.compile(r"\w+")
_END_TOKENS = (
    "</s>", "<|endoftext|>", "<|im_end|>", "<|im_start|>", "<|eot_id|>", "<|end_of_text|>",
    "<|user|>", "<unk>", "<pad>",
)  # fmt: skip
_HEADER = re.compile(
    r"\n[ \t\r]*\n[#*> \t]*\[?"
    r"(?:Q|(?i:(?:sub-?|next )?(?:question|problem)|exercise|example|input))"
    r"(?: ?(?P<number>\d{1,4}))?\]?[*_]{0,2}[:.]"
    r"|\n[ \t\r]*\n#{1,6}[ \t]*(?i:question|problem)(?: (?P<headed>\d{1,4}))?[ \t\r]*\n"
    r"|\n[#*> \t]*(?P<role>Human|User|Instruction)[*_]{0,2}:"
    r"|\n[ \t]*(?:Q|Question)(?P<numbered> ?\d{1,4})?[*_]{0,2}:(?=[^\n]{15}|[^\n]{0,15}\n[ \t]*A:)"
)
_FIRST_HEADER = re.compile(r"[\s#*>\[]*(?:Q|(?i:(?:sub-?)?question|problem)) ?1\]?[*_]{0,2}[:.\n]")
_LEADS_IN = re.compile(
    r"\b(?:I|me|my|we|us|our|you|your|let|let's|sure|certainly|of course|okay|ok|all? ?right|hello"
    r"|hi|here|below|following|absolutely|gladly|thanks|thank|great|good|understood|restat\w{1,4}"
    r"|step by step)\b|:\s*\Z",
    re.IGNORECASE,
)
MAX_LEAD_IN = 300
"""Characters of what a reply says before it restates its question."""
MAX_OWN = 50
"""Sub-questions of one reply."""
_CONCLUDES = re.compile(
    r"####|\\boxed\{|answer\"[ ]?:|\banswer\"?[*_ ]{0,4}(?:\([^()\n]{0,60}\)[* ]{0,3})?(?:is"
    r"|was|=)|final answer",
    re.IGNORECASE,
)
"""An answer to the whole question, which "Answer: 5" under a sub-question is not."""


class Reading:
    """The part of a text that is read: `text[start:end]` of the original, with ASCII digits.

    Every verifier reads a text through this. `decimal` is given where numbers are wanted with a
    point before decimals, whatever the text has (`separators.pointed`).
    """

    __slots__ = ("end", "start", "text")

    def __init__(self, text: str, decimal: Decimal | None = None) -> None:
        answer, stop = answer_span(text)
        self.start = start = max(answer, min(stop, len(text) - MAX_TEXT))
        read = plain(text[start:stop])
        read = read[: _end(read)]
        self.text = read if decimal is None else pointed(read, decimal)
        self.end = start + len(self.text)


def _end(text: str) -> int:
    """Return where the answer to the question at hand ends."""
    end = len(text)
    if "<" in text:
        for token in _END_TOKENS:
            found = text.find(token, 0, end)
            if found > 0 and text[:found].strip():
                end = found
    return _next_question(text, end)


def _next_question(text: str, end: int) -> int:
    """Return where an invented next question begins, or `end`.

    A question is the reply's own where nothing has been answered before it: one that is restated
    behind a word of greeting, and sub-questions that are numbered from 1.
    """
    own = since = 0
    for match in _HEADER.finditer(text, 0, end):
        begin = match.start()
        if not since and not text[:begin].strip():
            continue
        if not since and _FIRST_HEADER.match(text):
            own = 1
        number = int(match["number"] or match["headed"] or match["numbered"] or 0)
        if match["role"] or own >= MAX_OWN:
            return begin
        answered = _CONCLUDES.search(text, since, begin) if own else states(text[:begin])
        if number == own + 1 and not answered:
            own = number
        elif own or not _leads_in(text[:begin]):
            return begin
        since = begin
    return end


def _leads_in(before: str) -> bool:
    """Whether a reply has said no more than that it is about to answer."""
    short = before.strip()
    if len(short) > MAX_LEAD_IN or any(char.isdigit() for char in short) or states(short):
        return False
    return _LEADS_IN.search(short) is not None


def states(text: str) -> bool:
    """Whether `text` states an answer, whatever its value."""
    return any(
        may_state(text, marker) and next(statements(text, marker), None) is not None
        for marker in ("json", "boxed", "####", "-->", "answer", "A:")
    )


def cut_run_on(text: str) -> str:
    """Return `text` up to an invented next question or an end-of-text token."""
    return text[: _end(text)]


def words(text: str) -> str | None:
    """Return the words of `text` in lower case, one space between them; None without words."""
    return clean(" ".join(_WORDS.findall(text[:MAX_ANSWER].casefold())))


def clean(text: str) -> str | None:
    """Return `text` fit for UTF-8; None where nothing is left."""
    return text.encode("utf-8", "replace").decode() or None
