"""A row of any table becomes a question; columns that only share a name stay what they are."""

from __future__ import annotations

from typing import Any

import pytest

from cotkd.questions.fields import BadRow
from cotkd.questions.row import Fields, from_text, question_of
from cotkd.types import Question

GOOD: dict[str, Any] = {"question": "How many?", "answer": "4"}


def asked(row: dict[str, Any], **fields: str) -> Question:
    return question_of(row, Fields(**fields), "set-00001", {"source": "set"})[0]


STRANGERS = [
    ("meta", "easy"),
    ("steps", 2),
    ("steps", ["one", "two"]),
    ("tags", ["easy", "eggs"]),
    ("tags", {"level": 3}),
    ("source", 7),
    ("split", 1.0),
    ("cluster", 12),
    ("rationale", ["first", "then"]),
    ("choices", "AB"),
    ("choices", 4),
    ("choices", ["only one"]),
]


@pytest.mark.parametrize(("name", "value"), STRANGERS)
def test_a_column_of_another_type_than_ours_is_left_in_meta(name: str, value: Any) -> None:
    question, left = question_of({**GOOD, name: value}, Fields(), "set-00001", {"source": "set"})
    if (name, value) == ("choices", ["only one"]):
        assert (question.choices, left) == (("only one",), ())
        return
    assert left == (name,)
    assert question.meta == {name: value}
    assert (question.text, question.answer, question.source) == ("How many?", "4", "set")


def test_strangers_join_what_meta_holds_and_leave_the_solution_alone() -> None:
    row = {"question": "How many?", "answer": "2+2=4\n#### 4", "steps": 1, "meta": {"level": 2}}
    question = asked(row)
    assert question.meta == {"steps": 1, "level": 2}
    assert (question.rationale, question.answer, question.steps) == ("2+2=4", "4", None)


FORMS = [
    ({"label": ["A", "B"], "text": ["an anvil", "a cork"]}, "B", "B"),
    ({"label": ["1", "2"], "text": ["an anvil", "a cork"]}, "2", "B"),
    ({"labels": ["a", "b"], "texts": ["an anvil", "a cork"]}, "b", "B"),
    ([{"label": "A", "text": "an anvil"}, {"label": "B", "text": "a cork"}], "a cork", "a cork"),
    ({"A": "an anvil", "B": "a cork", "C": None}, "B", "B"),
    ('["an anvil", "a cork"]', "B", "B"),
    ('{"B": "a cork", "A": "an anvil"}', "A", "A"),
]


@pytest.mark.parametrize(("choices", "answer", "gold"), FORMS)
def test_options_are_read_in_every_form(choices: Any, answer: str, gold: str) -> None:
    question = asked({"question": "What floats?", "answer": answer, "choices": choices})
    assert question.choices == ("an anvil", "a cork")
    assert question.answer == gold
    named = {"question": "What floats?", "answer": answer, "info": {"options": choices}}
    assert asked(named, choices="info.options") == question


def test_numbers_are_options() -> None:
    assert asked({**GOOD, "choices": [3, 4.5]}).choices == ("3", "4.5")


@pytest.mark.parametrize("value", ["AB", 4, {"text": ["one"]}])
def test_a_field_that_is_named_for_the_options_must_hold_some(value: Any) -> None:
    with pytest.raises(BadRow, match="field 'options': expected a list of options, found"):
        asked({**GOOD, "options": value}, choices="options")


IDS = [(1, "1"), (1.0, "1"), (-3.0, "-3"), ("1.0", "1.0"), ("a", "a"), (None, "set-00001")]


@pytest.mark.parametrize(("value", "name"), [*IDS, (float("nan"), "set-00001")])
def test_an_id_is_text(value: Any, name: str) -> None:
    assert asked({**GOOD, "id": value}).id == name


@pytest.mark.parametrize("value", [1.5, True, [1], float("inf"), {}])
def test_what_is_no_id_is_refused(value: Any) -> None:
    with pytest.raises(BadRow, match="field 'id': expected text, found"):
        asked({**GOOD, "id": value})


def test_fields_lie_where_a_path_leads() -> None:
    row = {
        "prompt": [{"role": "system", "content": "S"}, {"role": "user", "content": "How many?"}],
        "reward_model": {"ground_truth": ["36"]},
        "extra_info": '{"index": 4.0}',
    }
    question = asked(
        row,
        question="prompt.-1.content",
        answer="reward_model.ground_truth",
        id="extra_info.index",
    )
    assert (question.text, question.answer, question.id) == ("How many?", "36", "4")


@pytest.mark.parametrize(("value", "answer"), [(["36"], "36"), ([36], "36"), ([True], "yes")])
def test_a_list_of_one_answer_is_that_answer(value: Any, answer: str) -> None:
    assert asked({**GOOD, "answer": value}).answer == answer


def test_cells_hold_lists_and_ids_as_text() -> None:
    row = {
        **GOOD,
        "id": "1.0",
        "choices": '["x", "y"]',
        "meta": '{"a": 1}',
        "tags": "[broken",
        "steps": None,
    }
    question, left = question_of(from_text(row, Fields()), Fields(), "d", {})
    assert (question.id, question.choices) == ("1", ("x", "y"))
    assert question.meta == {"tags": "[broken", "a": 1}
    assert left == ("tags",)
