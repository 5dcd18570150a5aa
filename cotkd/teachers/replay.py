r"""Kind `replay`: recorded completions instead of a model, from files of any format.

    {"id": "q1", "text": "3*4=12\n#### 12"}                          one text in a line
    {"id": "q1", "output": ["…#### 12", "…#### 14"]}                  several in a list
    {"question": "Ann has …", "small": {"solution": "…"}, "large": {"solution": "…"}}

    ReplayTeacher(model="recorded.jsonl", text_fields=("small.solution", "large.solution"),
                  match="question").open()

Samples of a question are numbered in the order of lines, then of fields, then of the list. A text
may be a message or its parts; a thinking trace stands in it, or beside it in a field such as
`reasoning`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field

from cotkd.decoding.generation import Generation, failed
from cotkd.decoding.sampling import Sampling
from cotkd.errors import DataError
from cotkd.questions.fields import id_text
from cotkd.rationales.message import TRACE_FIELDS, holds_text, split_message
from cotkd.rationales.trace import Trace
from cotkd.store.tables import Table, at, tables_of
from cotkd.store.tables.path import MISSING
from cotkd.teachers.base import Engine, Request, Teacher, consecutive
from cotkd.types import Question

Match = Literal["id", "question", "position"]
_TEXT_FIELDS = ("text", "completion", "completions", "output", "outputs", "samples", "response")
_DEFAULT_FIELDS: dict[Match, tuple[str, ...]] = {
    "id": ("id", "question_id"),
    "question": ("question", "text"),
    "position": ("index",),
}


class ReplayTeacher(Teacher):
    """Completions that were recorded before, by whatever system."""

    title: ClassVar[str] = "recorded completions from files"

    kind: Literal["replay"] = "replay"
    model: str
    """The file: JSON lines, CSV, Parquet, or what else questions are read from; a pattern for
    several, `-` for standard input."""
    text_fields: tuple[str, ...] | None = Field(None, min_length=1)
    """Fields that hold texts or lists of texts; a dotted path reaches into objects and lists
    (`messages.1.content`). None takes the first of `text`, `completion`, `completions`, `output`,
    … that the first line has."""
    match: Match | None = None
    """A line belongs to the question with its id, its text, or its place (from 0) in the set. None
    takes the id where the first line has one, else the question."""
    match_field: str | None = None
    """Field of that id, text or place; by default `id` or `question_id`, `question` or `text`, and
    `index`, or the line's own number where there is no `index`."""
    sample_field: str | None = None
    """Field of the sample number (from 0), where the order of lines does not give it."""

    def open(self) -> ReplayEngine:
        """Read the file."""
        return ReplayEngine(self)


class ReplayEngine(Engine):
    """Looks completions up; a sample that was not recorded is a failed sample."""

    fixed_text = True

    def __init__(self, settings: ReplayTeacher) -> None:
        tables = tables_of(settings.model)
        self.name = tables[0].stem
        self._settings = settings = _completed(settings, tables)
        self._texts = _read(settings, tables)
        self._places: dict[str, int] = {}

    @property
    def identity(self) -> str:
        """File and fields: two files of one name, or two columns of one file, are two teachers."""
        return f"{self._settings.model} {','.join(self._settings.text_fields or ())}"

    def batches(self, requests: Sequence[Request], sampling: Sampling) -> list[list[int]]:
        """Return consecutive batches, and note the place of each question in the set."""
        self._places = {}
        for request in requests:
            if request.question is not None:
                self._places.setdefault(request.question.id, len(self._places))
        return consecutive(len(requests), 512)

    def complete(self, requests: Sequence[Request], sampling: Sampling) -> list[Generation]:
        """Return the recorded texts."""
        return [self._complete(request) for request in requests]

    def _complete(self, request: Request) -> Generation:
        question = request.question
        if question is None:
            return failed("replay needs the question of a request, not only its prompt")
        text = self._texts.get(self._key(question), {}).get(request.sample_index)
        if text is None:
            return failed(f"no recorded sample {request.sample_index} of question {question.id!r}")
        return Generation(text.answer, reasoning=text.reasoning)

    def _key(self, question: Question) -> str:
        match self._settings.match:
            case "id":
                return question.id
            case "question":
                return _words(question.text)
            case _:
                return str(self._places.get(question.id))


def _completed(settings: ReplayTeacher, tables: Sequence[Table]) -> ReplayTeacher:
    """Return the settings with what was left open filled in from the first line of the file."""
    first = next((row for table in tables for row in table.rows()), None)
    if first is None:
        raise DataError(f"{settings.model} is empty: there is nothing to replay")
    where, row = first
    found: dict[str, Any] = {}
    if settings.text_fields is None:
        fields = [n for n in _TEXT_FIELDS if isinstance(row.get(n), list) or holds_text(row.get(n))]
        if not fields:
            raise DataError(
                f"{where}: no text in any of the fields {', '.join(_TEXT_FIELDS)}; "
                f"this line has {', '.join(row)}: set text_fields"
            )
        # a line whose `text` is the question keeps its completion in another field
        asked = fields[0] == "text" and len(fields) > 1 and "question" not in row
        found["text_fields"] = (fields[1] if asked else fields[0],)
    if settings.match is None:
        by_id = settings.match_field or any(row.get(n) is not None for n in _DEFAULT_FIELDS["id"])
        chosen = settings.text_fields or found["text_fields"]
        by_question = "question" in row or ("text" in row and "text" not in chosen)
        found["match"] = "question" if by_question and not by_id else "id"
    if settings.sample_field is None and _whole(row.get("sample_index")) is not None:
        found["sample_field"] = "sample_index"
    return settings.model_copy(update=found)


def _read(settings: ReplayTeacher, tables: Sequence[Table]) -> dict[str, dict[int, Trace]]:
    """Return the recorded texts by question key and sample number."""
    assert settings.text_fields is not None
    texts: dict[str, dict[int, Trace]] = {}
    filled: dict[str, int] = {}
    seen: set[str] = set()
    rows = ((table, *one) for table in tables for one in table.rows())
    for place, (table, where, row) in enumerate(rows):
        key = _row_key(row, settings, place=place, where=where, typed=table.format.typed)
        samples = texts.setdefault(key, {})
        index = _sample_number(row, settings, where=where)
        if index is None:
            index = filled.get(key, 0)
        for field in settings.text_fields:
            for text in _texts(row, field, where=where, seen=seen):
                if index in samples:
                    raise DataError(f"{where}: sample {index} of {key!r} occurs twice in the file")
                if text is not None:
                    samples[index] = text
                index += 1
        filled[key] = index
    for field in settings.text_fields:
        if field not in seen:
            raise DataError(
                f"{settings.model}: no line has a text in field {field!r}: set text_fields"
            )
    return texts


def _row_key(
    row: dict[str, Any], settings: ReplayTeacher, *, place: int, where: str, typed: bool
) -> str:
    assert settings.match is not None
    fields = (settings.match_field,) if settings.match_field else _DEFAULT_FIELDS[settings.match]
    for field in fields:
        value = _reach(row, field)
        if value is not None:
            if settings.match == "question":
                return _words(str(value))
            return id_text(value, typed=typed) or str(value)
    if settings.match == "position" and not settings.match_field:
        return str(place)
    raise DataError(
        f"{where}: no field {' or '.join(map(repr, fields))}: set match and match_field"
    )


def _sample_number(row: dict[str, Any], settings: ReplayTeacher, *, where: str) -> int | None:
    if settings.sample_field is None:
        return None
    value = _reach(row, settings.sample_field)
    number = _whole(value)
    if number is None or number < 0:
        raise DataError(
            f"{where}: {settings.sample_field} must be a whole number from 0: {value!r}"
        )
    return number


def _whole(value: Any) -> int | None:
    """Return a whole number, also as text, which is all that CSV has, or as 1.0."""
    name = id_text(value, typed=False)
    return int(name) if name is not None and name.removeprefix("-").isdecimal() else None


def _texts(
    row: dict[str, Any], field: str, *, where: str, seen: set[str]
) -> Iterator[Trace | None]:
    """Yield the texts in a field, traces set apart; None holds the place of one that is missing."""
    value = _reach(row, field)
    texts = value if isinstance(value, list) and not holds_text(value) else [value]
    beside = _beside(row, field, len(texts))
    for text, fields in zip(texts, beside, strict=True):
        if text is not None and not holds_text(text):
            raise DataError(f"{where}: {field} holds {type(text).__name__}, expected text")
        if text is None:
            yield None
            continue
        seen.add(field)
        yield split_message(text) if isinstance(text, dict) else split_message(fields, text)


def _beside(row: dict[str, Any], field: str, count: int) -> list[dict[str, Any]]:
    """Return the fields beside each of `count` texts; those of several are lists as long."""
    parent = row if field in row else _reach(row, field.rpartition(".")[0])
    name = field if field in row else field.rpartition(".")[2]
    fields = {
        key: value
        for key, value in (parent if isinstance(parent, dict) else {}).items()
        if key in TRACE_FIELDS and key != name
    }
    if count == 1:
        return [fields]
    lists = {k: v for k, v in fields.items() if isinstance(v, list) and len(v) == count}
    return [{key: value[place] for key, value in lists.items()} for place in range(count)]


def _reach(row: dict[str, Any], field: str) -> Any:
    value = at(row, field)
    return None if value is MISSING else value


def _words(text: str) -> str:
    return " ".join(text.split())
