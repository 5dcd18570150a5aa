"""Completions in files, which may hold more than fits into memory, question by question.

    found = Completions([Path("runs/samples")])     every line is read once, and checked
    for part in found.parts(2000): ...              whole questions, 2,000 rows or a few more

A file may also hold plain recorded texts, `{"id": …, "text": …}` or with `question_id`; they are
numbered per question in the order of lines, and may have a `finish_reason` and, in fields such as
`reasoning`, a thinking trace. Other fields are read by `--teacher.engine replay` of `cotkd sample`.
What is no file of JSON lines is written out as one first, so that it can be read in any order.
"""

from __future__ import annotations

import tempfile
from array import array
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, BinaryIO, NamedTuple

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json, to_json

from cotkd.config import describe
from cotkd.decoding.finish import how_it_ended
from cotkd.errors import DataError
from cotkd.questions.fields import id_text
from cotkd.rationales.message import split_message
from cotkd.store.newlines import unified
from cotkd.store.rows import shortened, unreadable
from cotkd.store.tables import Table, tables_of
from cotkd.store.tables.saved import splits_of
from cotkd.types import Completion


class _File(NamedTuple):
    """A file of JSON lines."""

    path: Path
    table: Table
    """What it was written out from, or the file itself."""
    recorded: bool
    """Its lines are plain recorded texts rather than `Completion` rows."""


class Completions:
    """Where the completions of each question lie.

    Args:
        sources: Directories that `cotkd sample` wrote, files of any format, patterns, `-`.

    Attributes:
        questions: How many completions each question has, by id, in the order of first mention.
        prompt_tokens: The sum over all rows.
        completion_tokens: The sum over all rows.

    Raises:
        DataError: A source cannot be read or holds no completions, or a line is none.
    """

    def __init__(self, sources: Sequence[str | Path]) -> None:
        self.questions: dict[str, int] = {}
        self.prompt_tokens = self.completion_tokens = 0
        self._files: list[_File] = []
        self._file, self._offset, self._index = array("i"), array("q"), array("i")
        self._question = array("i")
        self._number: dict[str, int] = {}
        self._copies: list[IO[bytes]] = []
        for source in sources:
            before = len(self)
            for table in _tables(Path(source)):
                self._scan(self._file_of(table))
            if len(self) == before:
                raise DataError(f"{source} holds no completions: make some with `cotkd sample`")

    def __len__(self) -> int:
        return len(self._offset)

    def parts(self, rows: int) -> Iterator[list[Completion]]:
        """Yield all completions of as many whole questions as have `rows` together, or more."""
        order = sorted(range(len(self)), key=self._question.__getitem__)
        with ExitStack() as stack:
            files = [stack.enter_context(file.path.open("rb")) for file in self._files]
            part: list[Completion] = []
            for at, place in enumerate(order):
                if len(part) >= rows and self._question[place] != self._question[order[at - 1]]:
                    yield part
                    part = []
                part.append(self._read(files, place))
            if part:
                yield part

    def _file_of(self, table: Table) -> _File:
        """Return a table as a file of JSON lines, which lives as long as this object."""
        path = table.path
        if not table.plain:
            copy = tempfile.NamedTemporaryFile(prefix="cotkd-")  # noqa: SIM115 -- stays open
            copy.writelines(_written(row, typed=table.format.typed) for _, row in table.rows())
            copy.flush()
            self._copies.append(copy)
            path = Path(copy.name)
        return _File(path, table, _is_recorded(path))

    def _scan(self, file: _File) -> None:
        """Note the place of every line, having checked it."""
        self._files.append(file)
        numbers: Counter[str] = Counter()
        for number, offset, line in _lines(file.path):
            try:
                row = _parse(file, line, 0)
            except ValidationError as error:
                kind = _Text if file.recorded else Completion
                where = file.table.where(number, number)
                raise DataError(f"{where}: {shortened(describe(error, kind))}") from None
            name = row.question_id
            self._question.append(self._number.setdefault(name, len(self._number)))
            self.questions[name] = self.questions.get(name, 0) + 1
            self._file.append(len(self._files) - 1)
            self._offset.append(offset)
            self._index.append(numbers[name] if file.recorded else 0)
            if file.recorded:
                numbers[name] += 1
            self.prompt_tokens += row.prompt_tokens
            self.completion_tokens += row.completion_tokens

    def _read(self, files: Sequence[BinaryIO], place: int) -> Completion:
        number = self._file[place]
        files[number].seek(self._offset[place])
        return _parse(self._files[number], files[number].readline(), self._index[place])


def _tables(source: Path) -> list[Table]:
    """Return the files of a run directory, or whatever else a name stands for."""
    if (source / "samples").is_dir() or (source.is_dir() and not splits_of(source)):
        return tables_of(sorted((source / "samples").glob("*.jsonl")))
    return tables_of(source)


def _written(row: dict[str, Any], *, typed: bool) -> bytes:
    """Return a row as a line; what it does not have is left out."""
    values = {name: value for name, value in row.items() if value is not None}
    for name in {"id", "question_id"} & values.keys():
        values[name] = id_text(values[name], typed=typed) or values[name]
    return to_json(values) + b"\n"


def _lines(path: Path) -> Iterator[tuple[int, int, bytes]]:
    """Yield number from 1, place and text of each line that is not blank."""
    offset = 0
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                mark = len(BOM_UTF8) if number == 1 and line.startswith(BOM_UTF8) else 0
                if line[mark:].strip():
                    yield number, offset + mark, line[mark:]
                offset += len(line)
    except OSError as error:
        raise unreadable(path, error) from error


def _is_recorded(path: Path) -> bool:
    """Tell from the first line whether a file holds plain texts rather than `Completion` rows."""
    _, _, first = next(_lines(path), (0, 0, b""))
    try:
        row = from_json(first)
    except ValueError:
        return False
    return isinstance(row, dict) and "text" in row and "stream" not in row


class _Text(BaseModel):
    """A recorded text and the id of its question."""

    model_config = ConfigDict(extra="allow")

    name: str | int | float = Field(validation_alias=AliasChoices("question_id", "id"))
    text: str | list[dict[str, Any]]
    finish_reason: str | None = None


def _parse(file: _File, line: bytes, index: int) -> Completion:
    """Return the completion on a line; `index` numbers the recorded texts of a question."""
    if not file.recorded:
        return Completion.model_validate_json(line)
    text = _Text.model_validate_json(line)
    trace = split_message(text.model_extra or {}, text.text)
    return Completion(
        question_id=id_text(text.name) or str(text.name),
        stream="recorded",
        sample_index=index,
        text=unified(trace.answer),
        finish_reason="stop" if how_it_ended(text.finish_reason) == "finished" else "length",
        teacher=file.table.stem,
        elicitation="recorded",
        prompt_tokens=0,
        completion_tokens=0,
        reasoning=trace.reasoning,
    )
