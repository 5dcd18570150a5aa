r"""One row of any table as a question.

    {"question": "A robe takes 2 bolts of blue fiber and half that much white fiber. …",
     "answer": "It takes 2/2=<<2/2=1>>1 bolt of white fiber\n…\n#### 3"}

Beside question and answer, `id`, `choices`, `rationale`, `steps`, `source`, `split`, `meta`,
`cluster` and `tags` are taken as `Question` means them, so that questions written by a run read
back equal. A column that has one of these names and means something else is left in `meta`. Other
fields are left alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import from_json

from cotkd.config import describe
from cotkd.questions.fields import BadRow, answer_of, field_of, id_text, text_of
from cotkd.questions.options import options_of
from cotkd.questions.solution import ANSWER_MARKER, split_solution
from cotkd.store.rows import shortened
from cotkd.types import Question

_QUESTION_FIELDS = ("question", "text")
_CARRIED = {"choices", "rationale", "steps", "source", "split", "meta", "cluster", "tags"}

_NAMES = set(Question.model_fields)


class Fields(NamedTuple):
    """Names of the fields to read, dotted paths where they lie in others.

    `question` None takes the first of `question` and `text`, `choices` None the field `choices`
    where it holds options.
    """

    question: str | None = None
    answer: str = "answer"
    id: str = "id"
    choices: str | None = None


Asked = tuple[Question, tuple[str, ...]]
"""A question, and the columns of its row that are named like ours and mean something else."""


def question_of(
    row: Mapping[str, Any], fields: Fields, default_id: str, defaults: Mapping[str, str]
) -> Asked:
    """Return the question in a row, and the names of the columns that are left in its `meta`.

    Args:
        row: The row.
        fields: Names of the fields to read.
        default_id: Id of a row that has none.
        defaults: What else a question has, such as `source`, where the row does not say.

    Raises:
        BadRow: A field is missing, empty or of a type that cannot be used.
    """
    solution = split_solution(answer_of(row, fields.answer))
    if not solution.answer:
        raise BadRow(f"field {fields.answer!r}: no answer after {ANSWER_MARKER}")
    own: dict[str, Any] = {
        **defaults,
        "id": _id(row, fields.id, default_id),
        "text": text_of(row, fields.question or _question_field(row)),
        "answer": solution.answer,
    }
    if solution.rationale is not None:
        own["rationale"], own["steps"] = solution.rationale, solution.steps
    carried: dict[str, Any] = {}
    if names := _CARRIED & row.keys():
        carried = {name: row[name] for name in names if row[name] is not None}
    if fields.choices is not None:
        carried["choices"] = field_of(row, fields.choices)
    try:
        question = Question.model_validate({**own, **carried} if carried else own)
    except ValidationError as error:
        return _without_strangers(own, carried, error, fields)
    # One set for all of them: a set for each would take as much memory as the question.
    object.__setattr__(question, "__pydantic_fields_set__", _NAMES)
    return question, ()


def from_text(row: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    """Return a row of a table without types: lists and objects in it are written out as JSON."""
    values = dict(row)
    for name in _CARRIED & values.keys():
        cell = values[name]
        if isinstance(cell, str) and cell[:1] in ("[", "{"):
            try:
                values[name] = from_json(cell)
            except ValueError:
                continue
    if fields.id in values:
        values[fields.id] = id_text(values[fields.id], typed=False)
    return values


def _without_strangers(
    own: dict[str, Any], carried: dict[str, Any], error: ValidationError, fields: Fields
) -> Asked:
    """Return the question of a row with columns of another type than ours, which go into `meta`."""
    strange = {str(fault["loc"][0]) for fault in error.errors()}
    if "choices" in strange and (options := options_of(carried["choices"])) is not None:
        carried["choices"], own["answer"] = options.texts, options.answer(own["answer"])
        strange.remove("choices")
    elif "choices" in strange and fields.choices is not None:
        found = shortened(repr(carried["choices"]))
        raise BadRow(f"field {fields.choices!r}: expected a list of options, found {found}")
    left = {name: carried.pop(name) for name in sorted(strange & carried.keys())}
    if left:
        carried["meta"] = {**left, **carried.get("meta", {})}
    try:
        return Question.model_validate({**own, **carried}), tuple(left)
    except ValidationError as other:
        raise BadRow(shortened(describe(other, Question))) from None


def _question_field(row: Mapping[str, Any]) -> str:
    for name in _QUESTION_FIELDS:
        if name in row:
            return name
    return _QUESTION_FIELDS[0]


def _id(row: Mapping[str, Any], name: str, default: str) -> str:
    value = row.get(name)
    if value is None and name != "id":
        value = field_of(row, name)
    if name == "id" and (value is None or (isinstance(value, float) and math.isnan(value))):
        return default
    if isinstance(value, str):
        return text_of({name: value}, name)
    return id_text(value) or text_of({name: value}, name)
