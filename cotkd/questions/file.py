"""Questions from any files with named fields: JSON lines, CSV, Parquet and whatever is a table.

read_files(["problems.jsonl", "more/*.csv.gz"], fields=Fields(answer="target"))
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from cotkd.errors import DataError
from cotkd.questions.fields import BadRow, NoField
from cotkd.questions.row import Fields, from_text, question_of
from cotkd.store.rows import OnBadRow
from cotkd.store.tables import Fault, Record, Table, tables_of
from cotkd.types import Question

log = logging.getLogger(__name__)

DEFAULT_FIELDS = Fields()
_WITHOUT_NAMES = {"0", "1"}
"""Columns of a table of two whose first line does not name them."""


def read_files(
    names: str | Path | Iterable[str | Path],
    *,
    fields: Fields = DEFAULT_FIELDS,
    on_bad_row: OnBadRow = "error",
    stems: Counter[str] | None = None,
) -> list[Question]:
    """Return the questions of files in their order.

    An answer in the format of GSM8K (`… #### 18`) is split into rationale and answer, a Socratic
    one into steps too. Numbers, booleans and lists of one are taken as answers (`18`, `yes`).

    Args:
        names: Files, patterns, folders that `datasets` saved, `-` for standard input.
        fields: Names of the fields to read. Rows without the field `id` are named after the file
            and their number, `STEM-00001`; a field of another name must be there.
        on_bad_row: `"error"` raises at the first row that is no question, `"skip"` leaves such
            rows out and logs how many there were.
        stems: How often a file of a name was read before, so that rows of two get other ids.

    Raises:
        DataError: A file cannot be read or holds no question, or a row of it is broken, lacks a
            field, has an empty text, or repeats an id. Names file and line.
    """
    tables = tables_of(names)
    _refuse_splits(tables)
    reader = Reader(fields, on_bad_row)
    stems = Counter() if stems is None else stems
    for table in tables:
        stems[table.stem] += 1
        again = stems[table.stem]
        prefix = table.stem if again == 1 else f"{table.stem}-{again}"
        origin = Origin(table.name, prefix, prefix, where=table.where, typed=table.format.typed)
        reader.read(table.records(), origin)
    return reader.finished()


class Origin(NamedTuple):
    """Where records come from, and what their rows are called that do not say."""

    label: str
    """What messages call the place, e.g. the path."""
    prefix: str
    """Rows without `id` are named `PREFIX-00001` after their number."""
    source: str
    """Name of the set."""
    split: str = ""
    where: Callable[[int, int], str] | None = None
    """Returns what messages call a record, by its number and line."""
    typed: bool = True
    """Whether numbers and lists are told from texts."""

    def place(self, number: int, line: int) -> str:
        """Return what messages call a record."""
        return f"{self.label}:{line}" if self.where is None else self.where(number, line)


class Reader:
    """Makes questions of records, and keeps account of those that are none.

    Args:
        fields: Names of the fields to read.
        on_bad_row: Whether a record that is no question is an error, or left out and counted.
    """

    def __init__(self, fields: Fields = DEFAULT_FIELDS, on_bad_row: OnBadRow = "error") -> None:
        self._fields, self._on_bad_row = fields, on_bad_row
        self._questions: dict[str, Question] = {}

    def read(self, records: Iterable[Record], origin: Origin) -> None:
        """Read the records of one place; raises `DataError` where they hold no question."""
        found, fields, before = self._questions, self._fields, len(self._questions)
        defaults = {"source": origin.source, "split": origin.split}
        prefix, typed = origin.prefix, origin.typed
        bad: list[str] = []
        left: dict[str, str] = {}
        for number, line, row in records:
            try:
                if isinstance(row, Fault):
                    raise BadRow(row.reason)
                if number == 1 and row.keys() == _WITHOUT_NAMES:
                    fields = _by_place(fields, origin.label)
                row = row if typed else from_text(row, fields)
                question, strange = question_of(row, fields, f"{prefix}-{number:05d}", defaults)
                if question.id in found:
                    raise BadRow(f"field {fields.id!r}: id {question.id!r} occurs twice")
                found[question.id] = question
                for name in strange:
                    left.setdefault(name, origin.place(number, line))
            except BadRow as error:
                bad.append(f"{origin.place(number, line)}: {error}")
                if self._on_bad_row == "error":
                    raise _refused(bad[0], error, fields) from None
        _say(origin.label, bad, left)
        if len(found) == before:
            raise DataError(f"{origin.label}: holds no question ({len(bad)} bad rows)")

    def finished(self) -> list[Question]:
        """Return the questions that were read, in their order."""
        return list(self._questions.values())


def _refused(bad: str, error: BadRow, fields: Fields) -> DataError:
    """Return the error of a record that is no question, with what can be done."""
    skip = "pass --on-bad-row skip"
    if isinstance(error, NoField):
        named = {fields.answer: "answer", fields.id: "id", fields.choices: "choices"}
        part = named.get(error.name, "question")
        flag = f"--questions.{part}-field {error.example or _EXAMPLES[part]}"
        return DataError(
            f"{bad}: name the field of the {part}", flags=f", such as {flag}, or {skip}"
        )
    what = "save the file as UTF-8" if ": not UTF-8" in bad else "correct the line"
    return DataError(f"{bad}: {what}", flags=f", or {skip}")


_EXAMPLES = {
    "question": "messages.0.content",
    "answer": "reward_model.ground_truth",
    "id": "uid",
    "choices": "options",
}
"""A field that holds each part in rows of others."""


def _by_place(fields: Fields, label: str) -> Fields:
    """Return the fields of a table of two columns that have no names."""
    if fields.question is not None or fields.answer != DEFAULT_FIELDS.answer:
        return fields
    log.warning("%s: its first line names no columns: read as question and answer", label)
    return fields._replace(question="0", answer="1")


def _say(label: str, bad: Sequence[str], left: Mapping[str, str]) -> None:
    if bad:
        log.warning("%s: skipped %d bad rows, the first: %s", label, len(bad), bad[0])
    for name, where in left.items():
        log.warning("%s: column %r is not what cotkd means by it: left in meta", where, name)


def _refuse_splits(tables: Sequence[Table]) -> None:
    """Refuse a folder with several splits: one of them is most likely the test split."""
    for table in tables:
        beside = [t for t in tables if t.split and t.path.parent == table.path.parent]
        if table.split and len(beside) > 1:
            names = ", ".join(other.split for other in beside)
            raise DataError(
                f"{table.path.parent} holds the splits {names}: name one of them, such as "
                f"{table.name}"
            )
