r"""Thinking traces: where a model thinks in its text before it answers, the two are told apart.

split_thinking("<think>3*4=12</think>\n\n#### 12")         # ("3*4=12", "#### 12")
split_thinking("3*4=12</think>#### 12")                     # the template had opened the trace
split_thinking("<think>3*4=")                               # ("3*4=", ""): cut off while thinking
split_thinking("3*4=12\n#### 12")                           # (None, "3*4=12\n#### 12")
"""

from __future__ import annotations

TAGS = (
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<seed:think>", "</seed:think>"),
    ("[THINK]", "[/THINK]"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("◁think▷", "◁/think▷"),
)
"""Opening and closing mark of a trace, as model families write them."""


def split_thinking(text: str, *, opened: bool = False) -> tuple[str | None, str]:
    """Return the thinking trace, None where there is none, and the answer after it.

    A text without a trace is the answer, to the letter. An empty trace (`<think></think>`, what
    models write that were told not to think) is no trace. Only the first trace is taken out: marks
    that the answer writes after it stay there.

    Args:
        text: What the model wrote.
        opened: The prompt ended within the trace, so that a text without a closing mark was cut off
            while thinking.
    """
    marks = _first(text)
    if marks is None:
        return (_trace(text), "") if opened else (None, text)
    opening, closing = marks
    start, end = text.find(opening), text.find(closing)
    if end < 0:
        # a mark in the middle of an answer that never closes is a word of the answer
        if text[:start].strip() and not opened:
            return None, text
        return _trace(text.replace(opening, "", 1)), ""
    if start < 0 or start > end or opened:
        return _trace(text[:end].replace(opening, "", 1)), text[end + len(closing) :].lstrip()
    before = text[:start]
    answer = (before if before.strip() else "") + text[end + len(closing) :]
    return _trace(text[start + len(opening) : end]), answer if before.strip() else answer.lstrip()


def _first(text: str) -> tuple[str, str] | None:
    """Return the pair of marks of which one occurs first in the text."""
    places = {
        pair: min(found)
        for pair in TAGS
        if (found := [place for mark in pair if (place := text.find(mark)) >= 0])
    }
    return min(places, key=lambda pair: places[pair]) if places else None


def _trace(text: str) -> str | None:
    return text.strip() or None
