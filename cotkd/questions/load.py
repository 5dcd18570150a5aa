"""One way to name questions: a registered set, `set:split`, or a JSON-lines file.

load_questions("microgsm:test", limit=500)
load_questions("my/problems.jsonl", answer_field="target")
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import Field

from cotkd.config import Config, plain, unknown
from cotkd.errors import SettingError
from cotkd.questions.base import QuestionSource
from cotkd.questions.jsonl import read_jsonl
from cotkd.store.rows import OnBadRow
from cotkd.types import Question

_SLICE = re.compile(r"(?P<name>[^\[\]]+)(?:\[:(?P<limit>0*[1-9]\d*)\])?", re.ASCII)


class QuestionsConfig(Config):
    """Which questions to use."""

    name: str = Field("microgsm", min_length=1)
    """Registered set (`gsm8k`, `gsm8k:train`) or path of a .jsonl file."""
    split: str | None = None
    """Split of a registered set; None takes the set's default."""
    limit: int | None = Field(None, ge=1)
    """Use the first questions only."""
    path: Path | None = None
    """Local copy of the registered set, in its original format, instead of the hub."""
    question_field: str | None = None
    """Field of the question in a file; None takes `question`, else `text`."""
    answer_field: str = "answer"
    """Field of the gold answer, or of a gold solution that ends in `#### ANSWER`."""
    id_field: str = "id"
    """Field of the id; rows without `id` are numbered."""
    on_bad_row: OnBadRow = "error"
    """What a row that cannot be used does: stop the command, or be left out and counted."""


class Located(NamedTuple):
    """Where a name leads: a registered set with a split, or a file."""

    source: QuestionSource | None
    split: str | None


def load_questions(
    spec: str | Path | QuestionsConfig, *, split: str | None = None, **settings: Any
) -> list[Question]:
    """Return the questions that `spec` names, in a fixed order.

    Args:
        spec: Name of a registered set, `name:split`, path of a file, or all settings at once.
        split: Split of a registered set; overrides the one in `spec`.
        **settings: Other fields of `QuestionsConfig`, e.g. `limit`, `answer_field`, `on_bad_row`.

    Raises:
        SettingError: No such set, split or setting.
        DataError: A row cannot be used.
    """
    values = spec.dump() if isinstance(spec, QuestionsConfig) else {"name": str(spec)}
    given = settings if split is None else {**settings, "split": split}
    config = QuestionsConfig.parse({**values, **given})
    found = locate(config)
    questions = _read_file(config) if found.source is None else found.source.load(found.split)
    return questions[: config.limit]


def suite_of(spec: str) -> tuple[str, QuestionsConfig]:
    """Return name and questions of the evaluation suite `NAME`, `NAME:SPLIT` or either with `[:N]`.

    A name without a split means the set's test split (`QuestionSource.test_split`), never the
    split that is trained on.
    """
    match = _SLICE.fullmatch(spec.strip())
    if match is None:
        raise SettingError(f"suite {spec!r}: write NAME, NAME:SPLIT or NAME[:100]")
    name, limit = match["name"], int(match["limit"]) if match["limit"] else None
    config = QuestionsConfig(name=name, limit=limit)
    found = locate(config)
    if found.source is None:
        return name, config
    split = plain(found.split or found.source.test_split).replace("_", "-")
    name = found.source.kind if split == found.source.test_split else f"{found.source.kind}:{split}"
    return name, config.model_copy(update={"split": split})


def locate(config: QuestionsConfig) -> Located:
    """Return the registered set and split that the settings name, or neither for a file."""
    if Path(config.name).is_file():
        return _file(config)
    name, _, suffix = config.name.partition(":")
    kinds = QuestionSource.kinds()
    if plain(name) in map(plain, kinds):
        path = {} if config.path is None else {"path": config.path}
        source = QuestionSource.parse({"kind": name, **path})
        return Located(source, config.split or suffix or None)
    if config.name.endswith((".jsonl", ".json")) or "/" in config.name:
        return _file(config)
    raise SettingError(f"{unknown('questions', name, kinds)}, or the path of a .jsonl file")


def _file(config: QuestionsConfig) -> Located:
    for field in ("split", "path"):
        if getattr(config, field) is not None:
            raise SettingError(
                f"{field} {str(getattr(config, field))!r} goes with a registered set of questions,"
                f" not with the file {config.name}"
            )
    return Located(None, None)


def _read_file(config: QuestionsConfig) -> list[Question]:
    return read_jsonl(
        config.name,
        question_field=config.question_field,
        answer_field=config.answer_field,
        id_field=config.id_field,
        on_bad_row=config.on_bad_row,
    )
