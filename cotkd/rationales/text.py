r"""What of a completion is read: not its thinking trace, not an invented next question.

    "She has 9 left. The answer is 9.\n\nQ: There are 15 trees in the grove …"
     → "She has 9 left. The answer is 9."

Positions in what is read are positions in the text, so that an answer can be shown in its place.
"""

from __future__ import annotations

import re

from cotkd.rationales.number import plain
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
_NEXT_QUESTION = re.compile(
    r"\n[ \t\r]*\n[#*> \t]*\[?"
    r"(?:Q|(?i:(?:next )?(?:question|problem)|exercise|example|input))"
    r"(?: ?\d{1,4})?\]?[*_]{0,2}[:.]"
    r"|\n[ \t\r]*\n#{1,6}[ \t]*(?i:question|problem)(?: \d{1,4})?[ \t\r]*\n"
    r"|\n[#*> \t]*(?:Human|User|Instruction)[*_]{0,2}:"
    r"|\n[ \t]*(?:Q|Question)[*_]{0,2}:(?=[^\n]{15}|[^\n]{0,15}\n[ \t]*A:)"
)


class Reading:
    """The part of a text that is read: `text[start:end]` of the original, with ASCII digits."""

    __slots__ = ("end", "start", "text")

    def __init__(self, text: str) -> None:
        answer, stop = answer_span(text)
        self.start = start = max(answer, min(stop, len(text) - MAX_TEXT))
        read = plain(text[start:stop])
        self.text = read[: _end(read)]
        self.end = start + len(self.text)


def _end(text: str) -> int:
    """Return where the answer to the question at hand ends."""
    end = len(text)
    if "<" in text:
        for token in _END_TOKENS:
            found = text.find(token, 0, end)
            if found > 0 and text[:found].strip():
                end = found
    for match in _NEXT_QUESTION.finditer(text, 0, end):
        if text[: match.start()].strip():
            return match.start()
    return end


def cut_run_on(text: str) -> str:
    """Return `text` up to an invented next question or an end-of-text token."""
    return text[: _end(text)]


def words(text: str) -> str | None:
    """Return the words of `text` in lower case, one space between them; None without words."""
    return clean(" ".join(_WORDS.findall(text[:MAX_ANSWER].casefold())))


def clean(text: str) -> str | None:
    """Return `text` fit for UTF-8; None where nothing is left."""
    return text.encode("utf-8", "replace").decode() or None
