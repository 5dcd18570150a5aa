"""One way to name questions: a registered set, `set:split`, or files of any format.

load_questions("microgsm:test", limit=500)
load_questions("my/problems.csv", answer_field="target")
load_questions(["gsm8k:train", "mine/*.jsonl.gz"])
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import Field

from cotkd.config import Config, plain, unknown
from cotkd.errors import DataError, SettingError
from cotkd.questions.base import QuestionSource
from cotkd.questions.file import read_files
from cotkd.questions.repeated import repeated
from cotkd.questions.row import Fields
from cotkd.store.rows import OnBadRow
from cotkd.store.tables.place import names_rows
from cotkd.types import Question

log = logging.getLogger(__name__)

_SLICE = re.compile(r"(?P<name>[^\[\]]+)(?:\[:(?P<limit>0*[1-9]\d*)\])?", re.ASCII)


class FileFields(Config):
    """How questions in files are read."""

    question_field: str | None = None
    """Field of the question in a file; null takes `question`, else `text`. Here and below a dotted
    path reaches inside: `messages.0.content`, `extra_info.question`."""
    answer_field: str = "answer"
    """Field of the gold answer, or of a gold solution that ends in `#### ANSWER`."""
    id_field: str = "id"
    """Field of the id; rows without `id` are numbered."""
    choices_field: str | None = None
    """Field of the options; null takes `choices`, where a file has it."""
    on_bad_row: OnBadRow = "error"
    """What a row that cannot be used does: stop the command, or be left out and counted."""

    @property
    def fields(self) -> Fields:
        """The names of the fields."""
        return Fields(self.question_field, self.answer_field, self.id_field, self.choices_field)


def fields_of(settings: FileFields) -> FileFields:
    """Return how files are read, of settings that say more."""
    return FileFields(**{name: getattr(settings, name) for name in FileFields.model_fields})


class _Named(Config):
    """Sets and files by name."""

    name: str | tuple[str, ...] = Field("microgsm", min_length=1)
    """Registered set (`gsm8k`, `gsm8k:train`), or a file of JSON lines, a JSON array, CSV, TSV or
    Parquet, plain or compressed (gzip, zstd), a pattern (`'data/*.jsonl'`), a folder that
    `datasets` saved, or `-` for standard input; several where it is given several times."""
    split: str | None = None
    """Split of a registered set; None takes the set's default."""
    limit: int | None = Field(None, ge=1)
    """Use the first questions only."""
    path: Path | None = None
    """Local copy of the registered set, in its original format, instead of the hub."""

    @property
    def names(self) -> tuple[str, ...]:
        """What is named, one or several."""
        return (self.name,) if isinstance(self.name, str) else self.name


class QuestionsConfig(FileFields, _Named):
    """Which questions to use."""


class Located(NamedTuple):
    """Where a name leads: a registered set with a split, or a file."""

    name: str
    source: QuestionSource | None
    split: str | None


def load_questions(
    spec: str | Path | Sequence[str | Path] | QuestionsConfig,
    *,
    split: str | None = None,
    **settings: Any,
) -> list[Question]:
    """Return the questions that `spec` names, in a fixed order.

    Args:
        spec: Name of a registered set, `name:split`, path of a file, several of these, or all
            settings at once.
        split: Split of a registered set; overrides the one in `spec`.
        **settings: Other fields of `QuestionsConfig`, e.g. `limit`, `answer_field`, `on_bad_row`.

    Raises:
        SettingError: No such set, split or setting.
        DataError: A row cannot be used.
    """
    if isinstance(spec, QuestionsConfig):
        values = spec.dump()
    elif isinstance(spec, str | Path):
        values = {"name": str(spec)}
    else:
        values = {"name": [str(name) for name in spec]}
    given = settings if split is None else {**settings, "split": split}
    config = QuestionsConfig.parse({**values, **given})
    return _loaded(config)[: config.limit]


def suite_of(spec: str, files: FileFields | None = None) -> tuple[str, QuestionsConfig]:
    """Return name and questions of the evaluation suite `NAME`, `NAME:SPLIT` or either with `[:N]`.

    A name without a split means the set's test split (`QuestionSource.test_split`), never the
    split that is trained on.

    Args:
        spec: The suite.
        files: How it is read where it is a file.
    """
    match = _SLICE.fullmatch(spec.strip())
    if match is None:
        raise SettingError(f"suite {spec!r}: write NAME, NAME:SPLIT or NAME[:100]")
    name, limit = match["name"], int(match["limit"]) if match["limit"] else None
    config = QuestionsConfig(name=name, limit=limit)
    (found,) = locate(config)
    if found.source is None:
        return name, config if files is None else config.model_copy(update=dict(fields_of(files)))
    split = plain(found.split or found.source.test_split).replace("_", "-")
    name = found.source.kind if split == found.source.test_split else f"{found.source.kind}:{split}"
    return name, config.model_copy(update={"split": split})


def locate(config: QuestionsConfig) -> list[Located]:
    """Return the registered set and split that each name stands for, or neither for a file."""
    return [_located(name, config) for name in config.names]


def is_file(config: QuestionsConfig) -> bool:
    """Tell whether only files are named."""
    return all(one.source is None for one in locate(config))


def _located(given: str, config: QuestionsConfig) -> Located:
    if Path(given).is_file():
        return _file(given, config)
    name, _, suffix = given.partition(":")
    kinds = QuestionSource.kinds()
    if plain(name) in map(plain, kinds):
        path = {} if config.path is None else {"path": config.path}
        source = QuestionSource.parse({"kind": name, **path})
        return Located(given, source, config.split or suffix or None)
    if names_rows(given):
        return _file(given, config)
    raise SettingError(f"{unknown('questions', name, kinds)}, or the path of a file")


def _file(name: str, config: QuestionsConfig) -> Located:
    for field in ("split", "path"):
        if getattr(config, field) is not None:
            raise SettingError(
                f"{field} {str(getattr(config, field))!r} goes with a registered set of questions,"
                f" not with the file {name}"
            )
    return Located(name, None, None)


def _loaded(config: QuestionsConfig) -> list[Question]:
    """Return the questions of every name, and say where some are equal."""
    stems: Counter[str] = Counter()
    located = locate(config)
    parts = [
        one.source.load(one.split)
        if one.source is not None
        else read_files(one.name, fields=config.fields, on_bad_row=config.on_bad_row, stems=stems)
        for one in located
    ]
    questions = parts[0] if len(parts) == 1 else _together(parts, located)
    if any(one.source is None for one in located) and (line := repeated(questions)):
        log.warning("%s", line)
    return questions


def _together(parts: Sequence[Sequence[Question]], located: Sequence[Located]) -> list[Question]:
    found: dict[str, Question] = {}
    for part, one in zip(parts, located, strict=True):
        for question in part:
            if found.setdefault(question.id, question) is not question:
                raise DataError(
                    f"{one.name}: id {question.id!r} occurs in a set before it too: give it other "
                    "ids, or name another field of them",
                    flags=" with --questions.id-field",
                )
    return list(found.values())
