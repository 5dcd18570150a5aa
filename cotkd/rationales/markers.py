r"""Finds where a text states its final answer; what is stated is read in `statement`.

Each finder yields the statements behind one marker, the one that counts most first:

    json      a JSON field "answer" or "final_answer": the last one of the first object that is
              closed, in any key order, fenced, broken or cut off; a later object is run-on text
    boxed     \boxed{…}, the last one first, like all that follow; with the sign before it, and
              with the boxes that are joined to it
    ####      the GSM8K marker; a Markdown heading such as `#### Step 2` is not an answer
    answer    "the answer is …", "Answer: …", "**Final answer**: …", "Ans: …", "… is the answer",
              <answer>…</answer>, what stands under a heading "Answer", the same in the languages of
              `language`, and last "the result is …"
    A:        at the start of a line
    bold      **18**, where nothing but a number and its unit is emphasised

Any other marker is a delimiter that stands before the answer, such as `-->`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from cotkd.rationales.language import STATES, may_be_foreign

MAX_TRIES = 32
"""Occurrences of one marker that are looked at."""
MAX_STATEMENT = 300
"""Characters read after a marker."""
MAX_FOREIGN = 20_000
"""Characters of a text's end in which statements of other languages are looked for."""
MAX_JOINT = 60
"""Characters between two boxes that make up one answer."""


class Statement(NamedTuple):
    """Text behind a marker: the marker begins at `start`, what is stated is `text[begin:end]`."""

    start: int
    begin: int
    end: int
    said: str | None = None
    """What is stated, where it is not that text as it stands."""

    def stated(self, text: str) -> str:
        """Return what is stated in `text`."""
        return text[self.begin : self.end] if self.said is None else self.said


def statements(text: str, marker: str) -> Iterator[Statement]:
    """Yield the statements behind the occurrences of `marker`, the one that counts first."""
    finder = _FINDERS.get(marker)
    return finder(text) if finder else _delimiter(text, marker)


_WORDS = {"json": "answer", "boxed": "boxed{", "bold": "**"}


def may_state(text: str, marker: str) -> bool:
    """Whether the marker's word occurs at all: a quick look that spares most searches."""
    if marker == "answer":
        english = "nswer" in text or "NSWER" in text or "Ans" in text
        return english or "esult" in text or "RESULT" in text or may_be_foreign(text)
    return _WORDS.get(marker, marker) in text


def _occurrences(text: str, word: str) -> Iterator[int]:
    at = len(text)
    for _ in range(MAX_TRIES):
        at = text.rfind(word, 0, at)
        if at < 0:
            return
        yield at


_FIELD = re.compile(
    r"""answer\\?"[ \t]*:\s*(?:\\?"(?P<quoted>(?:[^"\\]|\\[^"]|\\"(?!\s*[,}])){0,4000})"""
    r"""|(?P<bare>[^"\n}\s][^\n}]{0,300}))"""
)
_CLOSED = re.compile(r'[ \t]*\\?"?,?(?:[ \t]*//[^\n]*)?\s*\}\s*(?![,\]\s])')


def _json(text: str) -> Iterator[Statement]:
    # An escaped field stands in another field's string unless the whole object is escaped.
    found = _fields(text, 'answer"') or _fields(text, 'answer\\"')
    closed = [statement for statement in found if _CLOSED.match(text, statement.end)]
    yield from closed[-1:] or found


def _fields(text: str, word: str) -> list[Statement]:
    fields = [_FIELD.match(text, at) for at in _occurrences(text, word)]
    return [
        Statement(max(text.rfind('"', 0, match.start()), 0), *match.span(match.lastgroup or 0))
        for match in fields
        if match
    ]


_BRACE = re.compile("[{}]")
_SIGN = re.compile(
    r"(?:(?:\A|[=$({\[,:<>≈~&\n]|\\[(\[]|\b(?:is|be|are|or|and|equals|get|gives))[ ]*-[ "
    r"]*\$?\\?|[=(\[$]\s*-\s*\\?)\Z"
)
_JOINED = re.compile(
    r"[\s$.]*(?:[,;&]|,?[ ]*(?:and|or|und|oder|y|e|et|ou)\b|\\(?:quad|text\{ ?(?:and|or) ?\})){1,2}"
    r"[\s$\\]*(?:[A-Za-z](?:_\{?\w\}?)?[ ]*=[ ]*)?\$?[ ]*-?[ ]*\\?\Z"
)


def _boxed(text: str) -> Iterator[Statement]:
    boxes = list(_boxes(text))
    for at, last in enumerate(boxes):
        joined = [last]
        for earlier in boxes[at + 1 :]:
            between = earlier.end + 1, joined[0].start
            if between[1] - between[0] > MAX_JOINT or not _JOINED.fullmatch(text, *between):
                break
            joined.insert(0, earlier)
        said = [box.stated(text).strip() for box in joined]
        if len(set(said)) > 1:
            yield joined[0]._replace(end=last.end, said=", ".join(said))
        else:
            yield last


def _boxes(text: str) -> Iterator[Statement]:
    for at in _occurrences(text, "boxed{"):
        begin = at + len("boxed{")
        depth = 1
        for brace in _BRACE.finditer(text, begin, begin + MAX_STATEMENT):
            depth += 1 if brace[0] == "{" else -1
            if depth == 0:
                inside = text[begin : brace.start()]
                signed = f"-{inside}" if _SIGN.search(text, max(0, at - 30), at) else None
                yield Statement(max(at - 1, 0), begin, brace.start(), signed)
                break


_HEADING = re.compile(r"#|[ \t]*(?:(?:step|part)\b|\d{1,3}[.):][ \t]+[^\W\d])", re.IGNORECASE)


def _hashes(text: str) -> Iterator[Statement]:
    for at in _occurrences(text, "####"):
        if not _HEADING.match(text, at + 4):
            yield _line(text, at, at + 4)


def _line(text: str, start: int, begin: int) -> Statement:
    limit = min(len(text), begin + MAX_STATEMENT)
    end = text.find("\n", begin, limit)
    return Statement(start, begin, limit if end < 0 else end)


def _line_answer(text: str) -> Iterator[Statement]:
    for at in _occurrences(text, "A:"):
        if at == 0 or text[at - 1] == "\n":
            yield _line(text, at, at + 2)


_SENTENCE_END = re.compile(
    r"(?<!Rs)(?<!approx)(?<!i\.e)(?<!e\.g)[.!?](?=[\s*\"'\\)\]]|$)|\n|[。！？।]"
)
_OPENING = re.compile(r"[ \t\r\n:*_`$]*")


def _sentence(text: str, start: int, begin: int) -> Statement:
    """What follows `begin`, on its line or the next one with content, up to a sentence's end."""
    opening = _OPENING.match(text, begin)
    begin = opening.end() if opening else begin
    limit = min(len(text), begin + MAX_STATEMENT)
    end = _SENTENCE_END.search(text, begin, limit)
    return Statement(start, begin, end.start() if end else limit)


def _delimiter(text: str, delimiter: str) -> Iterator[Statement]:
    for at in _occurrences(text, delimiter):
        yield _sentence(text, at, at + len(delimiter))


_ANSWER = re.compile(
    r"a?nswers?[*_\"'` \t]{0,4}(?:[(\[][^()\[\]\n]{0,80}[)\]][*_ \t]{0,4})?"
    r"(?:(?:to|for|of)\b[^.\n:]{0,80}?[ \t])?"
    r"(?:(?:is|are|was|will be|would be|should be|must be|equals)\b[ \t]*:?|:|=(?!=))",
    re.IGNORECASE,
)
_DASHED = re.compile(r"a?nswer[*_]{0,2}[ \t]+[-\u2013\u2014]{1,2}[ \t]+", re.IGNORECASE)
_LINE_START = re.compile(
    r"(?:\A|\n)[#*_> \t]*(?:(?:my|the)[ ])?(?:final[ ]|correct[ ])?a?\Z", re.IGNORECASE
)
_STEPWISE = re.compile(r"(?:step[ -]by[ -]step|partial|intermediate)[ ]a?\Z", re.IGNORECASE)
_RESULT = re.compile(
    r"(?:(?<!as )\b(?:the|our|my)[ ](?:final[ ]|end[ ]|overall[ ])?result|(?:\A"
    r"|(?<=\n))[*_# ]{0,9}(?:final[ ])?result)"
    r"[*_]{0,2}(?:[ ](?:is|equals|will be)\b[ \t]*:?|[ ]?[:=])[*_]{0,2}(?=[\s*_$\\({]*-?[$€£]?\d)",
    re.IGNORECASE,
)


_ABBREVIATED = re.compile(r"Ans(?:\.[ \t]*)?[*_]{0,2}[ \t]*[:=]")
_HEADED = re.compile(r"a?nswers?[ \t]*:?[*_]{0,2}[ \t]*\r?\n", re.IGNORECASE)
_HEAD = re.compile(
    r"(?:\A|\n)[ \t]*(?:#{1,6}|[*_]{2})[*_ \t]*(?:(?:my|the)[ ])?(?:final[ ])?a?\Z", re.IGNORECASE
)
_SAID_BEFORE = re.compile(
    r"(?:\A|(?<=\s))(?P<value>[^\s\d]{0,5}\d\S{0,25}(?:[ ][a-z]{1,15})?)"
    r"[ ]is[ ](?:the|my|our)[ ](?:final[ ]|correct[ ]|right[ ])?a?\Z",
    re.IGNORECASE,
)


def _answer(text: str) -> Iterator[Statement]:
    found = _english(text)
    if may_be_foreign(text):
        foreign = [
            _sentence(text, m.start(), m.end())
            for m in STATES.finditer(text, max(0, len(text) - MAX_FOREIGN))
        ]
        found = iter(sorted([*found, *foreign[-MAX_TRIES:]], reverse=True))
    yield from found
    if "esult" in text or "RESULT" in text:
        results = [_sentence(text, m.start(), m.end()) for m in _RESULT.finditer(text)]
        yield from reversed(results[-MAX_TRIES:])


def _english(text: str) -> Iterator[Statement]:
    places = list(_occurrences(text, "nswer"))
    if "NSWER" in text:
        places = sorted([*places, *_occurrences(text, "NSWER")], reverse=True)
    for at in places:
        if statement := _at_answer(text, at):
            yield statement
    for at in _occurrences(text, "Ans"):
        if match := _ABBREVIATED.match(text, at):
            yield _sentence(text, at, match.end())


def _at_answer(text: str, at: int) -> Statement | None:
    """What is stated around the word at `at`: behind it, under it as a heading, or before it."""
    if match := _ANSWER.match(text, at):
        if match[0][-1] == ":" and _STEPWISE.search(text, max(0, at - 20), at):
            return None
        return _sentence(text, max(at - 1, 0), match.end())
    if (match := _DASHED.match(text, at)) and _LINE_START.search(text, max(0, at - 40), at):
        return _sentence(text, max(at - 1, 0), match.end())
    if at > 1 and text.startswith("<", at - 2) and text.startswith(">", at + 5):
        end = text.find("</", at, at + MAX_STATEMENT)
        inside = _sentence(text, at - 2, at + 6)
        return inside._replace(end=max(inside.begin, min(end, inside.end))) if end > 0 else inside
    window = max(0, at - 80)
    before = text[window:at]
    if (match := _HEADED.match(text, at)) and _HEAD.search(before):
        return _sentence(text, max(at - 1, 0), match.end())
    if match := _SAID_BEFORE.search(before):
        begin, end = match.span("value")
        return Statement(window + begin, window + begin, window + end)
    return None


_BOLD = re.compile(
    r"\*\*[ \t]*(?P<inside>(?:\\?\$)?[-\d.][^*\nA-Za-z:=]{0,40}[A-Za-z /]{0,20}\.?)\*\*"
)


def _bold(text: str) -> Iterator[Statement]:
    for match in reversed(list(_BOLD.finditer(text))[-MAX_TRIES:]):
        yield Statement(match.start(), *match.span("inside"))


_FINDERS: dict[str, Callable[[str], Iterator[Statement]]] = {
    "json": _json,
    "boxed": _boxed,
    "####": _hashes,
    "answer": _answer,
    "A:": _line_answer,
    "bold": _bold,
}
