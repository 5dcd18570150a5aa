"""Replaying recorded completions in the shapes in which they are found."""

from __future__ import annotations

import json

import pytest

from cotkd.errors import DataError
from cotkd.teachers.replay import ReplayTeacher
from cotkd.teachers.sample import sample
from cotkd.types import Question

QUESTIONS = [Question(id=f"q{i}", text=f"What  is\n{i}?", answer=str(i)) for i in range(3)]


def recorded(tmp_path, rows, **settings):
    path = tmp_path / "recorded.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return ReplayTeacher(model=str(path), **settings)


def texts(teacher, n=2):
    rows = sample(QUESTIONS, teacher, n=n, elicitation="zero_shot_cot")
    return [row.text if row.error is None else None for row in rows]


def test_lines_of_one_question_are_its_samples_in_order(tmp_path):
    rows = [{"id": f"q{i}", "text": f"{i}.{k}"} for k in range(2) for i in (2, 0, 1)]
    assert texts(recorded(tmp_path, rows)) == ["0.0", "0.1", "1.0", "1.1", "2.0", "2.1"]


def test_several_columns_and_lists_are_several_samples(tmp_path):
    rows = [{"id": f"q{i}", "a": {"solution": f"{i}a"}, "b": [f"{i}b", f"{i}c"]} for i in range(3)]
    teacher = recorded(tmp_path, rows, text_fields=("a.solution", "b"))
    assert texts(teacher, 3) == [f"{i}{k}" for i in range(3) for k in "abc"]


def test_lines_can_be_matched_by_question_text_whatever_the_spacing(tmp_path):
    rows = [{"question": f"What is {i}?", "text": str(i)} for i in (1, 2, 0)]
    assert texts(recorded(tmp_path, rows, match="question"), 1) == ["0", "1", "2"]


@pytest.mark.parametrize("field", [{}, {"index": True}])
def test_lines_can_be_matched_by_place_in_the_set(tmp_path, field):
    order = (0, 1, 2) if not field else (2, 0, 1)
    rows = [{"text": str(i), **({"index": i} if field else {})} for i in order]
    assert texts(recorded(tmp_path, rows, match="position"), 1) == ["0", "1", "2"]


def test_the_sample_number_can_be_a_field(tmp_path):
    rows = [{"id": "q0", "text": str(k), "k": k} for k in (1, 0)]
    assert texts(recorded(tmp_path, rows, sample_field="k"))[:2] == ["0", "1"]


def test_what_was_not_recorded_is_a_failed_sample_and_keeps_its_number(tmp_path):
    rows = [{"id": "q0", "text": [None, "second"]}, {"id": "q1", "text": "only"}]
    made = sample(QUESTIONS, recorded(tmp_path, rows), n=2)
    assert [row.error is None for row in made] == [False, True, True, False, False, False]
    assert made[1].text == "second"
    assert made[0].finish_reason == "error"
    assert "no recorded sample 1 of question 'q1'" in str(made[3].error)


def test_own_samples_can_be_replayed(tmp_path):
    rows = [{"id": f"q{i}", "text": [f"{i}a", f"{i}b"]} for i in range(3)]
    first = sample(QUESTIONS, recorded(tmp_path, rows), n=2)
    own = tmp_path / "own.jsonl"
    own.write_text("".join(row.to_json() + "\n" for row in first))
    again = sample(QUESTIONS, ReplayTeacher(model=str(own), sample_field="sample_index"), n=2)
    assert [row.text for row in again] == [row.text for row in first]


@pytest.mark.parametrize(
    ("lines", "settings", "message"),
    [
        (["{"], {}, r"recorded.jsonl:1: broken JSON"),
        (["[1]"], {}, r"recorded.jsonl:1: expected a JSON object, found list"),
        (['{"text": "a"}'], {}, r"recorded.jsonl:1: no field 'id' or 'question_id'"),
        (['{"id": "a", "text": 3}'], {}, r"recorded.jsonl:1: no text in any of the fields"),
        (['{"id": "a", "txt": "b"}'], {}, r"this line has id, txt: set text_fields"),
        (['{"id": "a", "text": "b", "k": -1}'], {"sample_field": "k"}, "whole number from 0: -1"),
        (
            ['{"id": "a", "text": "b", "k": 0}'] * 2,
            {"sample_field": "k"},
            r":2: sample 0 of 'a' occurs twice",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_line(tmp_path, lines, settings, message):
    path = tmp_path / "recorded.jsonl"
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(DataError, match=message):
        ReplayTeacher(model=str(path), **settings).open()


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(DataError, match="absent"):
        ReplayTeacher(model=str(tmp_path / "absent.jsonl")).open()


@pytest.mark.parametrize(
    "rows",
    [
        [{"id": "q1", "completion": "a"}, {"id": "q1", "completion": "b"}],
        [{"id": "q1", "samples": ["a", "b"]}],
        [{"question_id": "q1", "output": ["a", "b"], "model": "m"}],
        [{"question": "How many?", "completions": ["a", "b"]}],
        [{"id": "q1", "text": t, "sample_index": i} for t, i in (("b", 1), ("a", 0))],
    ],
    ids=["completion", "samples", "question_id and output", "by question", "numbered"],
)
def test_usual_shapes_need_no_settings(rows, tmp_path) -> None:
    path = tmp_path / "recorded.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    asked = [Question(id="q1", text="How many?", answer="1")]
    with ReplayTeacher(model=str(path)).open() as engine:
        assert [row.text for row in sample(asked, engine, n=2, progress=False)] == ["a", "b"]


def test_a_directory_or_an_empty_file_is_named(tmp_path) -> None:
    with pytest.raises(DataError, match="name a file in it"):
        ReplayTeacher(model=str(tmp_path)).open()
    (tmp_path / "empty.jsonl").write_text("")
    with pytest.raises(DataError, match="is empty"):
        ReplayTeacher(model=str(tmp_path / "empty.jsonl")).open()


TRACED = [
    {"text": "<thinking>a</thinking>b"},
    {"text": "<|channel|>analysis<|message|>a<|end|><|channel|>final<|message|>b"},
    {"text": "b", "reasoning": "a"},
    {"output": "b", "reasoning_details": [{"type": "reasoning.text", "text": "a"}]},
    {"response": [{"type": "thinking", "thinking": "a"}, {"type": "text", "text": "b"}]},
    {"response": {"role": "assistant", "content": "b", "thinking": "a"}},
]


@pytest.mark.parametrize("row", TRACED)
def test_traces_come_apart_in_whatever_shape_they_were_recorded(row, tmp_path):
    (found,) = sample(QUESTIONS[:1], recorded(tmp_path, [{"id": "q0", **row}]), n=1)
    assert (found.reasoning, found.text) == ("a", "b")


def test_each_of_several_texts_has_its_own_trace(tmp_path):
    rows = [{"id": "q0", "outputs": ["b", "d"], "reasoning": ["a", "c"]}]
    found = sample(QUESTIONS[:1], recorded(tmp_path, rows), n=2)
    assert [(row.reasoning, row.text) for row in found] == [("a", "b"), ("c", "d")]


def test_a_chosen_field_is_the_text_and_not_a_trace_of_itself(tmp_path):
    teacher = recorded(tmp_path, [{"id": "q0", "reasoning": "a"}], text_fields=("reasoning",))
    (found,) = sample(QUESTIONS[:1], teacher, n=1)
    assert (found.reasoning, found.text) == (None, "a")
