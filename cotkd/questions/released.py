"""Sets as they were released: rows from the hub or from a local copy, each made into a question.

    class SingleOp(Released):
        hub = Hub("HuggingFaceTB/math_tasks", files={"test": "data/mawps/singleop.jsonl"})
        files = {"test": ("mawpssingleop.jsonl",)}

        def question(self, row, number, split):
            return {"text": text_of(row, "input"), "answer": number_of(row, "target")}

A local copy is `path`, or the folder of the set in `COTKD_DATA`, a folder of copies that all
commands on a machine share. Files are JSON lines, a JSON list, or any other table.
"""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from pydantic import ValidationError

from cotkd.config import describe
from cotkd.errors import DataError
from cotkd.questions.base import QuestionSource
from cotkd.questions.fields import BadRow
from cotkd.questions.hub import PATH_FLAG, hub_rows
from cotkd.store.rows import shortened
from cotkd.store.tables import tables_of
from cotkd.types import Question

DATA = "COTKD_DATA"
"""Environment variable: a folder with local copies of question sets."""

Row = Mapping[str, Any]
Numbered = Iterator[tuple[int, Row]]


class Hub(NamedTuple):
    """Where a set lies on the hub; what `splits` and `files` leave out has the name it has here."""

    repository: str
    configuration: str | None = None
    splits: Mapping[str, str] = {}
    """The hub's name of each split that is called otherwise there."""
    configurations: Mapping[str, str] = {}
    """The configuration of each split that has one of its own."""
    files: Mapping[str, str] = {}
    """The file of each split, in a repository that does not name its parts."""


class Released(QuestionSource):
    """A set read row by row; a leaf class gives the attributes below and `question`."""

    hub: ClassVar[Hub | None] = None
    folder: ClassVar[str | None] = None
    """Its folder in `COTKD_DATA`; None for one of its own name."""
    files: ClassVar[Mapping[str, tuple[str, ...]]]
    """Names that the file of each split has in local copies; the first that is there is read."""
    local_only: ClassVar[tuple[str, ...]] = ()
    """Splits that the hub has not."""
    path: Path | None = None
    """Local copy in the original format, a folder or one file; null takes that in `COTKD_DATA`,
    else the hub's."""

    @abstractmethod
    def question(self, row: Row, number: int, split: str) -> dict[str, Any]:
        """Return the fields of a question but `source` and `split`; without `id` it is numbered.

        Raises:
            BadRow: A field is missing or cannot be used.
        """

    def read(self, split: str) -> list[Question]:
        """Return the questions of a split in the order of the release."""
        place, rows = self.rows(split)
        return questions_of(self._fields(rows, split, place), place)

    def rows(self, split: str) -> tuple[str, Numbered]:
        """Return the name of the place for messages, and the numbered rows of a split."""
        copy = self.copy_of(split)
        if copy is not None:
            return str(copy), enumerate(local_rows(copy), 1)
        if self.hub is None or split in self.local_only:
            raise DataError(
                f"{self.kind}:{split} is not on the hub: put a local copy into "
                f"{DATA}/{self.folder or self.kind}",
                flags=PATH_FLAG,
            )
        hub = self.hub
        configuration = hub.configurations.get(split, hub.configuration)
        name = hub.splits.get(split, split)
        place = "/".join(filter(None, (hub.repository, configuration, name)))
        rows = hub_rows(hub.repository, configuration, name, file=hub.files.get(split))
        return place, enumerate(rows, 1)

    def copy_of(self, split: str) -> Path | None:
        """Return the file of a split in the local copy; None where there is no local copy."""
        path = self.path or local_copy(self.folder or self.kind)
        if path is None or path.is_file():
            return path
        found = self._files(path, split)
        if not found:
            there = [other for other in self.splits if self._files(path, other)]
            raise DataError(
                f"{path} holds no split {split} of {self.kind} ({' or '.join(self.files[split])}): "
                f"{'take ' + ' or '.join(there) if there else 'give another folder'}"
            )
        return found[0]

    def _files(self, folder: Path, split: str) -> list[Path]:
        return [folder / n for n in self.files.get(split, ()) if (folder / n).is_file()]

    def _fields(self, rows: Numbered, split: str, place: str) -> Iterator[dict[str, Any]]:
        for number, row in rows:
            own = {"id": f"{self.kind}-{split}-{number:05d}", "source": self.kind, "split": split}
            try:
                yield own | self.question(row, number, split)
            except BadRow as error:
                raise DataError(f"{place}:{number}: {error}") from None


def questions_of(fields: Iterable[Mapping[str, Any]], place: str) -> list[Question]:
    """Return questions with these fields; raises `DataError` for none, or an id that is twice."""
    questions: dict[str, Question] = {}
    for values in fields:
        try:
            question = Question.model_validate(values)
        except ValidationError as error:
            fault = shortened(describe(error, Question))
            raise DataError(f"{place}: {values.get('id')}: {fault}") from None
        if question.id in questions:
            raise DataError(f"{place}: id {question.id!r} occurs twice")
        questions[question.id] = question
    if not questions:
        raise DataError(f"{place}: holds no question")
    return list(questions.values())


def chosen(rows: Numbered, place: str, wanted: Callable[[Row], bool]) -> Numbered:
    """Yield the rows that are wanted; raises `DataError` for one of which that cannot be told."""
    for number, row in rows:
        try:
            keep = wanted(row)
        except BadRow as error:
            raise DataError(f"{place}:{number}: {error}") from None
        if keep:
            yield number, row


def local_copy(folder: str) -> Path | None:
    """Return the folder of a set in `COTKD_DATA`; None where there is none."""
    root = os.environ.get(DATA)
    path = Path(root) / folder if root else None
    return path if path is not None and path.is_dir() else None


def local_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a file in whatever format.

    Raises:
        DataError: The file cannot be read, or holds something else.
    """
    for table in tables_of(path):
        for _, row in table.rows():
            yield row
