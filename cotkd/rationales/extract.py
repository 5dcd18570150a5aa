r"""Finds the final answer in model text: explicit markers in a stated order, then the last number.

    "… so she makes 9 * 2 = $18 every day.\n#### 18"       marker ####
    '{"reasoning": "…", "answer": "$1,200.50 in total"}'   marker json
    "… **Answer:** 3/4 of the cake"                        marker answer

Each marker is tried in the order of `MARKERS`; within one marker the last occurrence that can be
read wins, so that an answer stated first and revised later counts as revised:

    json      a JSON field "answer" or "final_answer", in any order, fenced, broken or cut off
    boxed     \boxed{…}
    ####      the GSM8K marker; a Markdown heading such as `#### Step 2` is not an answer
    -->       the delimiter of Fine-tune-CoT
    answer    "the answer is …", "Answer: …", "**Final answer**: …"
    A:        at the start of a line
    bold      **18**, where nothing but a number and its unit is emphasised
    number    the last number of the text

A marker that is followed by nothing readable is passed over. "Cannot be determined" after a marker
is an answer, spelt `none`; it equals no number. Text that runs on into an invented next
question is cut first (`cotkd.rationales.text`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from cotkd.rationales.arithmetic import evaluate
from cotkd.rationales.number import ABSTENTION, NUMBER, Number, plain, read
from cotkd.rationales.text import Reading

MARKERS = ("json", "boxed", "####", "-->", "answer", "A:", "bold", "number")
"""Where an answer is looked for, in order; other strings are delimiters before an answer."""

MAX_TRIES = 32
"""Occurrences of one marker that are looked at, from the end."""
MAX_STATEMENT = 300
"""Characters read after a marker in prose."""
MAX_FIELD = 4000
"""Characters read of a JSON field or a box."""


class Extraction(NamedTuple):
    """An answer as read: its value, where it is stated, by which marker.

    `start` is where the marker begins and `end` where the value ends, in the original text.
    """

    value: Number
    start: int
    end: int
    marker: str

    @property
    def answer(self) -> str:
        """The canonical spelling, e.g. `18`, `0.75`, `1/3`, or `none`."""
        return self.value.spelling


class Statement(NamedTuple):
    """Text behind a marker: the marker begins at `start`, the text is `text[begin:end]`."""

    start: int
    begin: int
    end: int


def extract_answer(text: str, markers: Sequence[str] = MARKERS) -> str | None:
    """Return the canonical final answer of `text`, or None where it states none."""
    found = extract(text, markers)
    return None if found is None else found.answer


def extract(text: str, markers: Sequence[str] = MARKERS) -> Extraction | None:
    """Return the final answer of `text` with its place, or None where it states none."""
    reading = Reading(text)
    for marker in markers:
        found = _last(reading.text, marker)
        if found is not None:
            shift = reading.start
            return found._replace(start=found.start + shift, end=found.end + shift) if shift else found
    return None


def _last(text: str, marker: str) -> Extraction | None:
    if marker == "number":
        return last_number(text)
    for statement in statements(text, marker):
        value = read_statement(text[statement.begin : statement.end], prose=marker != "json")
        if value is not None:
            return Extraction(value, statement.start, statement.end, marker)
    return None


def statements(text: str, marker: str) -> Iterator[Statement]:
    """Yield the statements behind the occurrences of `marker`, the last one first."""
    finder = _FINDERS.get(marker)
    return finder(text) if finder else _after(text, marker)


def _occurrences(text: str, word: str) -> Iterator[int]:
    at = len(text)
    for _ in range(MAX_TRIES):
        at = text.rfind(word, 0, at)
        if at < 0:
            return
        yield at


_FIELD = re.compile(
    r"""["'\u201c\u201d]?[ \t]*:[ \t]*(?:\\?"(?P<quoted>(?:[^"\\]|\\.){0,4000})|(?P<bare>[^"\n}\s][^\n}]{0,300}))""",
    re.DOTALL,
)


def _json(text: str) -> Iterator[Statement]:
    for at in _occurrences(text, 'answer"'):
        match = _FIELD.match(text, at + 6)
        if match:
            yield Statement(max(text.rfind('"', 0, at), 0), *match.span(match.lastgroup or 0))


def _boxed(text: str) -> Iterator[Statement]:
    for at in _occurrences(text, "boxed{"):
        depth, begin = 1, at + len("boxed{")
        for brace in re.finditer("[{}]", text[begin : begin + MAX_FIELD]):
            depth += 1 if brace[0] == "{" else -1
            if depth == 0:
                yield Statement(max(at - 1, 0), begin, begin + brace.start())
                break


def _hashes(text: str) -> Iterator[Statement]:
    for at in _occurrences(text, "####"):
        begin = at + 4
        end = text.find("\n", begin, begin + MAX_STATEMENT)
        end = min(len(text), begin + MAX_STATEMENT) if end < 0 else end
        if not re.match(r"#|[ \t]*(?:step|part)\b|[ \t]*\d{1,3}[.):][ \t]+[^\W\d]", text[begin:end], re.I):
            yield Statement(at, begin, end)


def _after(text: str, delimiter: str) -> Iterator[Statement]:
    for at in _occurrences(text, delimiter):
        yield _prose(text, at, at + len(delimiter))


_SENTENCE_END = re.compile(r"[.!?](?=[\s*\"'\\]|$)|\n")


def _prose(text: str, start: int, begin: int) -> Statement:
    """The statement from `begin` (or the next line with content) to the end of its sentence."""
    while begin < len(text) and text[begin] in " \t\r\n:*_`$":
        begin += 1
    limit = min(len(text), begin + MAX_STATEMENT)
    end = _SENTENCE_END.search(text, begin, limit)
    return Statement(start, begin, end.start() if end else limit)


_ANSWER = re.compile(
    r"answers?[*_\"'` \t]{0,4}(?:(?:to|for|of)\b[^.\n:]{0,80}?[ \t])?"
    r"(?:(?:is|are|was|will be|would be|should be|must be|equals)\b[ \t]*:?|:|=(?!=))",
    re.IGNORECASE,
)


def _answer(text: str) -> Iterator[Statement]:
    for at in _occurrences(text, "nswer"):
        match = _ANSWER.match(text, at - 1) if at else None
        if match:
            yield _prose(text, at - 1, match.end())


def _line_answer(text: str) -> Iterator[Statement]:
    for at in _occurrences(text, "A:"):
        if at == 0 or text[at - 1] == "\n":
            begin = at + 2
            end = text.find("\n", begin, begin + MAX_STATEMENT)
            yield Statement(at, begin, min(len(text), begin + MAX_STATEMENT) if end < 0 else end)


_BOLD = re.compile(r"\*\*[ \t]*((?:\\?\$)?[-\d.][^*\n]{0,60})\*\*")


def _bold(text: str) -> Iterator[Statement]:
    if "**" in text:
        for match in reversed(list(_BOLD.finditer(text))[-MAX_TRIES:]):
            if re.fullmatch(r"[^A-Za-z:=]*[A-Za-z /]*\.?", match[1]):
                yield Statement(match.start(), *match.span(1))


_FINDERS: dict[str, Callable[[str], Iterator[Statement]]] = {
    "json": _json,
    "boxed": _boxed,
    "####": _hashes,
    "answer": _answer,
    "A:": _line_answer,
    "bold": _bold,
}

_ABSTAINS = re.compile(
    r"\W*(?:none|n/?a|nan|unknown|undetermined|indeterminate|impossible|(?:there )?(?:is )?no (?:answer|solution)"
    r"|not (?:enough|possible|determinable|given|sufficient)|insufficient|un(?:able|certain)"
    r"|(?:it |this |the answer )?(?:can(?:not|'t| not)|could not) (?:be )?(?:determine|answer|calculate|solve|compute|know)"
    r"|error)\b",
    re.IGNORECASE,
)
_LEADING = re.compile(r"[\s*_`\"'(\\]*(?:(?:about|approximately|roughly|exactly|only|just|a total of|\u2248|~)[ \t]*)?", re.I)
_CONTINUES = re.compile(r"[ \t)\]}*]*(?:[-+/x*^=<>\u00d7\u00f7]|\\times|\\div)")
_LATEX = re.compile(r"\\(?:text|mathrm|mbox|textbf|mathbf)\s?\{([^{}]*)\}|\\[,;:! ]|\{([,.])\}|\\[()\[\]]")
_NEXT_CLAUSE = re.compile(r"[,;.(]\s|\b(?:because|since|as|which|where|so|but|and)\b|$")


def read_statement(text: str, *, prose: bool = True) -> Number | None:
    """Read what stands behind a marker: a number, an abstention (`ABSTENTION`), or None.

    A value that begins the statement wins (`18 eggs, because …`); where arithmetic is spelt out,
    what follows its last `=` does (`3 * 6 = 18`), or its value (`(84 / 2)`); in longer prose the
    last number of a field, the first of a sentence.
    """
    if "\\" in text:
        text = _LATEX.sub(lambda m: m[2] or f" {m[1] or ''}", text).replace("\\n", "\n")
    lead = _LEADING.match(text)
    begin = lead.end() if lead else 0
    match = NUMBER.match(text, begin)
    if match is not None and not _CONTINUES.match(text, match.end()) and "=" not in text:
        return read(match)
    return _read_longer(text, match, prose)


def _read_longer(text: str, leading: re.Match[str] | None, prose: bool) -> Number | None:
    if leading is not None and _NEXT_CLAUSE.match(text, leading.end()):
        return read(leading)
    if _ABSTAINS.match(text):
        return ABSTENTION
    if "=" in text:
        last = NUMBER.search(text, text.rindex("=") + 1)
        if last:
            return read(last)
    value = evaluate(text.strip(" \t\n*_`\"'.$"))
    if value is not None:
        return Number(value)
    matches = list(NUMBER.finditer(text))
    return read(matches[0 if prose or leading else -1]) if matches else None


_DIGIT = re.compile(r"[0-9\u00bc-\u00be\u2150-\u215e]")
_WINDOW = 1000


def last_number(text: str) -> Extraction | None:
    """Return the last number of `text`, looking only around its last digit."""
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
            found = Extraction(value, match.start(), match.end(), "number")
    return found


@lru_cache(maxsize=8192)
def read_gold(gold: str) -> Number | None:
    """Read a gold answer: a bare value ("1,000", "# 18", "( 84.0 / 2.0 )") or a whole solution."""
    bare = plain(gold).strip().lstrip("#").strip()
    match = NUMBER.fullmatch(bare.rstrip("."))
    if match is not None:
        return read(match)
    if _ABSTAINS.fullmatch(bare):
        return ABSTENTION
    value = evaluate(bare)
    if value is not None:
        return Number(value)
    found = extract(gold)
    return None if found is None else found.value
