r"""Thinking traces: where a model thinks in its text before it answers, the two are told apart.

    <think>3*4=12</think>\n\n#### 12                    reasoning 3*4=12, answer #### 12
    3*4=12</think>#### 12                               the same: the template had opened the trace
    <|channel|>analysis<|message|>3*4=12<|end|>…        the same, in channels
    <think>3*4=                                         no answer: the trace never closes
    3*4=12\n#### 12                                     no trace: the answer, to the letter
    Write `<think>` first.                              no trace: a mark that is spoken of

This is the only reader of traces: engines, replays, imports and verifiers all ask it. The marks
are data (`TAGS`, `CHANNEL_MARKS`); a message whose trace stands in a field of its own is taken
apart in `message`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

TAGS = (
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<thoughts>", "</thoughts>"),
    ("<reasoning>", "</reasoning>"),
    ("<seed:think>", "</seed:think>"),
    ("[THINK]", "[/THINK]"),
    ("◁think▷", "◁/think▷"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<|channel>thought", "<channel|>"),
    ("<unused94>thought", "<unused95>"),
)
"""Opening and closing mark of a trace, as model families write them."""

ANSWER_TAGS = (
    ("<|begin_of_solution|>", "<|end_of_solution|>"),
    ("<|START_RESPONSE|>", "<|END_RESPONSE|>"),
)
"""Marks around the answer that follows a trace; the first of a pair ends a trace as well."""

CHANNEL_MARKS = ("<|start|>", "<|channel|>", "<|message|>")
"""Marks of gpt-oss, whose messages say by the name of their channel what they are; those that end a
message end the texts of other models too."""


class Trace(NamedTuple):
    """A text, taken apart."""

    reasoning: str | None
    """The thinking trace; None where there is none, or an empty one."""
    answer: str
    """What follows it; empty where the trace never closes."""
    closed: bool
    """Whether the trace came to its end: one that did not leaves no answer."""


def split_trace(text: str, *, opened: bool = False) -> Trace:
    """Return the thinking trace of `text` and the answer after it.

    A text without a trace is the answer, to the letter. Traces that follow each other, each before
    a part of the answer, are joined, as are the parts.

    Args:
        text: What the model wrote.
        opened: The prompt ended within the trace, so that a text without a closing mark was cut off
            while thinking.
    """
    parts = _parts(text, opened=opened)
    if parts is None:
        return Trace(text.strip() or None, "", False) if opened else Trace(None, text, True)
    reasoning = "\n\n".join(said for a, b in parts.traces if (said := text[a:b].strip())) or None
    if not parts.closed:
        return Trace(reasoning, "", False)
    answer = "".join(text[a:b] for a, b in parts.answers)
    preamble = text[slice(*parts.answers[0])].strip() and parts.answers[:1] < parts.traces[:1]
    return Trace(reasoning, answer if preamble else answer.lstrip(), True)


@lru_cache(maxsize=2)
def answer_span(text: str) -> tuple[int, int]:
    """Return start and end of what may be read for an answer, which is no trace.

    Of several parts between traces it is the last one that says anything. A trace that never
    closes leaves nothing to be read: the place is the end of the text.
    """
    parts = _parts(text)
    if parts is None:
        return 0, len(text)
    said = [(a, b) for a, b in parts.answers if not text[a:b].isspace() and a < b]
    return said[-1] if parts.closed and said else (len(text), len(text))


def opens_trace(prompt: str) -> bool:
    """Whether a rendered prompt ends within a thinking trace, so that the model begins in it."""
    return prompt.rstrip().endswith((*(opening for opening, _ in TAGS), _ANALYSIS_HEADER))


def special_marks(tokens: Iterable[str]) -> set[str]:
    """Return which special tokens of a tokenizer mark a trace, and must stay in its texts."""
    known = {mark for pair in (*TAGS, *ANSWER_TAGS) for mark in pair}
    return set(tokens) & known.union(_NAMED_CHANNELS, CHANNEL_MARKS)


class _Parts(NamedTuple):
    """Places of traces and answers in a text, each in order."""

    traces: list[tuple[int, int]]
    answers: list[tuple[int, int]]
    closed: bool


def _parts(text: str, *, opened: bool = False) -> _Parts | None:
    """Return what a text consists of; None where it holds no trace."""
    if not _may_hold(text):
        return None
    return _channels(text) or _stripped_channels(text) or _tagged(text, opened=opened)


def _may_hold(text: str) -> bool:
    for part, hints in _HINTS:
        if part in text and any(hint in text for hint in hints):
            return True
    return text[:9].lstrip().startswith("a") and _STRIPPED.match(text) is not None


# tags: a trace between two marks


class _Mark(NamedTuple):
    start: int
    end: int
    family: int
    """The pair in `TAGS`; -1 where an answer begins, which ends a trace of any family."""
    opens: bool


_ENDS_ANY = -1
_MEANING = {
    **{before.casefold(): (_ENDS_ANY, False) for before, _ in ANSWER_TAGS},
    **{opening.casefold(): (number, True) for number, (opening, _) in enumerate(TAGS)},
    **{closing.casefold(): (number, False) for number, (_, closing) in enumerate(TAGS)},
}
"""What each mark means: its family, and whether it opens a trace."""
_NAMES = "think|thinking|thoughts?|reasoning"
_REST = "|".join(
    re.escape(mark[1:]) for mark in _MEANING if not re.fullmatch(f"</?(?:{_NAMES})>", mark)
)
# one set of characters in front: every other place of a text is passed over without a try
_MARK = re.compile(rf"[<\[◁](?:/?(?:{_NAMES})>|{_REST})", re.IGNORECASE)
_HINTS = (
    ("hink", ("hink>", "hinking>", "hink▷")),
    ("HINK", ("HINK",)),
    ("hought", ("hought>", "houghts>", "of_thought|>")),
    ("easoning>", ("easoning>",)),
    ("<|", ("<|",)),
    ("<channel|>", ("<channel|>",)),
    ("<unused9", ("<unused9",)),
)
"""A text with none of these holds no mark: most texts are passed over by this look, which is quick
for a first part that hardly occurs."""
_STRIPPED = re.compile(r"\s{0,8}analysis(?=\S)")
_ENCLOSED = {"`": "`", '"': '"', "'": "'", "(": ")", "“": "”", "‘": "’", "«": "»"}
_WORD = re.compile(r"\S")
_NEAR = 200
"""Characters before a mark that are looked at."""
_MOST_MARKS = 1000
"""Marks of one text that are looked at; those behind them are words."""
_SENTENCE_ENDS = (*".!?:…。！？>*",)


def _marks(text: str) -> Iterator[_Mark]:
    """Yield the marks of traces, without those that the text only speaks of, in quotes."""
    for match in _MARK.finditer(text):
        start, end = match.span()
        if start and _ENCLOSED.get(text[start - 1]) == text[end : end + 1]:
            continue
        meaning = _MEANING.get(match[0].casefold())
        if meaning is not None:
            yield _Mark(start, end, *meaning)


def _tagged(text: str, *, opened: bool) -> _Parts | None:
    marks = list(islice(_marks(text), _MOST_MARKS))
    if opened and marks and not (marks[0].opens and not text[: marks[0].start].strip()):
        family = next((mark.family for mark in marks if not mark.opens), marks[0].family)
        marks.insert(0, _Mark(0, 0, family, True))
    parts, at, number, spoken_of = _Parts([], [], True), 0, 0, [0] * len(TAGS)
    while number < len(marks):
        mark = marks[number]
        number += 1
        if mark.opens and _begins(text, at, mark):
            closing = _closing(marks, number)
            if closing is None:
                if _WORD.search(text, at, mark.start) and not _stands_alone(text, mark):
                    continue
                whole = [*parts.traces, *parts.answers, (at, mark.start), (mark.end, len(text))]
                return _Parts(sorted(whole), [], False)
            parts.answers.append((at, mark.start))
            parts.traces.append((mark.end, marks[closing].start))
            at, number = marks[closing].end, closing + 1
        elif mark.opens:
            spoken_of[mark.family] += 1
        elif spoken_of[mark.family] and mark.family >= 0:
            spoken_of[mark.family] -= 1
        elif not parts.traces:
            parts.traces.append((at, mark.start))  # the prompt had opened it
            at = mark.end
    if not parts.traces:
        return None
    parts.answers.append((at, len(text)))
    return _Parts(parts.traces, [_unwrapped(text, *place) for place in parts.answers], True)


def _begins(text: str, at: int, mark: _Mark) -> bool:
    """Whether a trace begins at an opening mark, rather than a sentence that names it."""
    before = text[max(at, mark.start - _NEAR) : mark.start]
    said = before.rstrip()
    return not said or "\n" in before[len(said) :] or said.endswith(_SENTENCE_ENDS)


def _stands_alone(text: str, mark: _Mark) -> bool:
    """Whether a mark behind an answer has a line or a paragraph to itself."""
    alone = text[mark.end : mark.end + 1] in ("\n", "\r", "")
    return text.endswith("\n" if alone else "\n\n", 0, mark.start)


def _closing(marks: list[_Mark], begin: int) -> int | None:
    """Return which mark closes the trace that was opened before `begin`.

    Marks of one family are nested; where they do not balance it is the last closing one, and where
    there is none of that family the first of another.
    """
    family, depth = marks[begin - 1].family, 1
    last = other = None
    for number in range(begin, len(marks)):
        mark = marks[number]
        if mark.family != family:
            if not mark.opens and other is None:
                other = number
            continue
        depth += 1 if mark.opens else -1
        last = last if mark.opens else number
        if depth == 0:
            return number
    return other if last is None else last


_HEAD = re.compile(rf"(?:\s*{_MARK.pattern})+", re.IGNORECASE)
_TAIL = tuple(after for _, after in ANSWER_TAGS)


def _unwrapped(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the place of an answer without the marks around it."""
    if head := _HEAD.match(text, start, end):
        start = head.end()
    said = text[start:end].rstrip()
    for mark in _TAIL:
        if said.endswith(mark):
            end = start + len(said) - len(mark)
    return start, end


# channels: messages with a header that names their channel

_ANALYSIS_HEADER = "<|channel|>analysis<|message|>"
_NAMED_CHANNELS = {"<|channel>", "<channel|>", "<unused94>", "<unused95>"}
_HEADER = re.compile(
    r"(?:<\|start\|>(?P<role>\w{0,20})[^<\n]{0,80})?"
    r"<\|channel\|>\s{0,3}(?P<name>\w{1,20})(?:[ ]+to=[\w.:-]{1,80})?(?:[ ]+\w{1,20})?\s{0,3}"
    r"(?:<\|constrain\|>\s{0,3}\w{0,20}\s{0,3})?<\|message\|>"
    r"|<\|start\|>(?P<speaker>\w{1,20})[^<\n]{0,80}<\|message\|>"
    r"|\A\s{0,3}(?P<bare>analysis|commentary|final)<\|message\|>"
)
_MESSAGE_END = re.compile(r"<\|(?:end|return|call|start|channel)\|>")


def _channels(text: str) -> _Parts | None:
    """Take messages in channels apart: `final` is the answer, all others are the trace."""
    found = _HEADER.finditer(text) if "<|message|>" in text else ()
    headers = list(islice(found, _MOST_MARKS))
    if not headers:
        return None
    parts = _Parts([], [], True)
    before = _MESSAGE_END.search(text, 0, headers[0].start())
    ahead = (0, before.start() if before else headers[0].start())
    if text[slice(*ahead)].strip():
        parts.traces.append(ahead)  # the prompt had opened it
    for header in headers:
        if (header["role"] or header["speaker"] or "assistant") != "assistant":
            break  # the text runs on
        end = _MESSAGE_END.search(text, header.end())
        place = (header.end(), end.start() if end else len(text))
        name = header["name"] or header["bare"] or "final"
        (parts.answers if name == "final" else parts.traces).append(place)
    return parts if parts.answers else _Parts(parts.traces, [], False)


_NEXT_CHANNEL = re.compile(r"assistant(?:analysis|commentary)(?=\S)")
_FINAL_CHANNEL = "assistantfinal"


def _stripped_channels(text: str) -> _Parts | None:
    """Take channels apart whose marks were left out: `analysis3*4 is 12.assistantfinal#### 12`."""
    begin = _STRIPPED.match(text)
    if begin is None:
        return None
    final = text.find(_FINAL_CHANNEL, begin.end())
    if final < 0 and not text[begin.end()].isupper():
        return None  # a word such as "analysis:"
    limit = len(text) if final < 0 else final
    traces, at = [], begin.end()
    for match in _NEXT_CHANNEL.finditer(text, at, limit):
        traces.append((at, match.start()))
        at = match.end()
    traces.append((at, limit))
    if final < 0:
        return _Parts(traces, [], False)
    return _Parts(traces, [(final + len(_FINAL_CHANNEL), len(text))], True)
