r"""Questions from any JSON-lines file with named fields.

    {"question": "A robe takes 2 bolts of blue fiber and half that much white fiber. …",
     "answer": "It takes 2/2=<<2/2=1>>1 bolt of white fiber\n…\n#### 3"}

Beside question and answer, `id`, `choices`, `rationale`, `steps`, `source`, `split`, `meta`,
`cluster` and `tags` are taken as `Question` means them, so that questions written by a run read
back equal. Other fields are left alone.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from cotkd.config import describe
from cotkd.errors import DataError
from cotkd.questions.fields import BadRow, answer_of, object_of, text_of
from cotkd.questions.solution import ANSWER_MARKER, split_solution
from cotkd.store.rows import OnBadRow, numbered_lines, shortened
from cotkd.types import Question

_QUESTION_FIELDS = ("question", "text")
_CARRIED = {"choices", "rationale", "steps", "source", "split", "meta", "cluster", "tags"}

_NAMES = set(Question.model_fields)

log = logging.getLogger(__name__)


class Fields(NamedTuple):
    """Names of the fields to read; `question` None takes the first of `question` and `text`."""

    question: str | None = None
    answer: str = "answer"
    id: str = "id"


DEFAULT_FIELDS = Fields()


def read_jsonl(
    path: str | Path,
    *,
    question_field: str | None = None,
    answer_field: str = "answer",
    id_field: str = "id",
    on_bad_row: OnBadRow = "error",
) -> list[Question]:
    """Return the questions of a file in its order.

    An answer in the format of GSM8K (`… #### 18`) is split into rationale and answer, a Socratic
    one into steps too. Numbers and booleans are taken as answers (`18`, `yes`).

    Args:
        path: The file.
        question_field: Field of the question; None for `question`, else `text`.
        answer_field: Field of the gold answer or gold solution.
        id_field: Field of the id. Rows without the field `id` are named after the file and their
            line, `STEM-00001`; a field of another name must be there.
        on_bad_row: `"error"` raises at the first line that is no question, `"skip"` leaves such
            lines out and logs how many there were.

    Raises:
        DataError: The file cannot be read or holds no question, or a line of it is broken JSON or
            not UTF-8, lacks a field, has an empty text, or repeats an id. Names file and line.
    """
    path = Path(path)
    return parse_lines(
        numbered_lines(path),
        label=str(path),
        prefix=path.stem,
        fields=Fields(question_field, answer_field, id_field),
        on_bad_row=on_bad_row,
    )


def parse_lines(
    lines: Iterable[tuple[int, bytes]],
    *,
    label: str,
    prefix: str,
    fields: Fields = DEFAULT_FIELDS,
    on_bad_row: OnBadRow = "error",
    source: str | None = None,
    split: str = "",
) -> list[Question]:
    """Return the questions of numbered JSON lines, as `read_jsonl` does for those of a file.

    Args:
        lines: (number, JSON object) pairs.
        label: What messages call the place, e.g. the path.
        prefix: Rows without `id` are named `PREFIX-00001` after their number.
        fields: Names of the fields to read.
        on_bad_row: As in `read_jsonl`.
        source: Name of the set for rows that do not say; None for `prefix`.
        split: Name of the split for rows that do not say.
    """
    defaults = {"source": prefix if source is None else source, "split": split}
    questions: dict[str, Question] = {}
    bad: list[str] = []
    for number, line in lines:
        try:
            question = _question(line, fields, f"{prefix}-{number:05d}", defaults)
            if question.id in questions:
                raise BadRow(f"field {fields.id!r}: id {question.id!r} occurs twice")
            questions[question.id] = question
        except BadRow as error:
            bad.append(f"{label}:{number}: {error}")
            if on_bad_row == "error":
                raise DataError(
                    f"{bad[0]}: correct the line", flags=", or pass --on-bad-row skip"
                ) from None
    if bad:
        log.warning("%s: skipped %d bad rows, the first: %s", label, len(bad), bad[0])
    if not questions:
        raise DataError(f"{label}: holds no question ({len(bad)} bad rows)")
    return list(questions.values())


def _question(
    line: bytes, fields: Fields, default_id: str, defaults: Mapping[str, str]
) -> Question:
    row = object_of(line)
    solution = split_solution(answer_of(row, fields.answer))
    if not solution.answer:
        raise BadRow(f"field {fields.answer!r}: no answer after {ANSWER_MARKER}")
    values: dict[str, Any] = {
        **defaults,
        "id": _id(row, fields.id, default_id),
        "text": text_of(row, fields.question or _question_field(row)),
        "answer": solution.answer,
    }
    if solution.rationale is not None:
        values["rationale"], values["steps"] = solution.rationale, solution.steps
    for name in _CARRIED & row.keys():
        if row[name] is not None:
            values[name] = row[name]
    try:
        question = Question.model_validate(values)
    except ValidationError as error:
        raise BadRow(shortened(describe(error, Question))) from None
    # One set for all of them: a set for each would take as much memory as the question.
    object.__setattr__(question, "__pydantic_fields_set__", _NAMES)
    return question


def _question_field(row: Mapping[str, Any]) -> str:
    for name in _QUESTION_FIELDS:
        if name in row:
            return name
    return _QUESTION_FIELDS[0]


def _id(row: Mapping[str, Any], name: str, default: str) -> str:
    value = row.get(name)
    if value is None and name == "id":
        return default
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return text_of(row, name)
