"""Files of questions in shapes that people bring are read, or refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from cotkd.cli import main
from cotkd.questions.load import load_questions
from cotkd.types import Question

EGGS = [
    (f"Ann has {n} boxes with 12 eggs each. How many eggs has she?", str(12 * n))
    for n in range(2, 8)
]
SIX = (
    "08_array.json",
    "08_pretty_array.json",
    "08_t.csv",
    "08_t.tsv",
    "08_t.parquet",
    "08_t.jsonl.gz",
    "08_utf16.jsonl",
)


def only(path: Path, **settings: str) -> Question:
    (question,) = load_questions(path, **settings)
    return question


@pytest.mark.parametrize("name", SIX)
def test_every_format_holds_six_questions(
    name: str, shapes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert [(q.text, q.answer) for q in load_questions(shapes / name)] == EGGS
    assert main(["check", str(shapes / name)]) == 0
    assert "6 questions, 6 golds readable" in capsys.readouterr().out


def test_options_with_labels_are_two(shapes: Path) -> None:
    question = only(shapes / "08_choices_dict.jsonl")
    assert (question.choices, question.answer) == (("an anvil", "a cork"), "B")


def test_equal_questions_are_pointed_out(shapes: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert len(load_questions(shapes / "08_dup.jsonl")) == 2
    assert "1 of 2 questions repeat another one" in caplog.text


def test_a_list_of_one_answer_is_that_answer(shapes: Path) -> None:
    assert only(shapes / "08_listanswer.jsonl").answer == "36"


@pytest.mark.parametrize(
    ("name", "meta"),
    [
        ("08_meta_str.jsonl", {"meta": "easy"}),
        ("08_steps_int.jsonl", {"steps": 2}),
        ("08_tags_list.jsonl", {"tags": ["easy", "eggs"]}),
    ],
)
def test_columns_of_another_type_are_left_alone(
    name: str, meta: dict[str, object], shapes: Path
) -> None:
    question = only(shapes / name)
    assert (question.text, question.answer) == EGGS[0]
    assert question.meta == meta


@pytest.mark.parametrize(
    ("name", "question", "answer"),
    [
        ("08_messages.jsonl", "messages.0.content", "answer"),
        ("08_messages.jsonl", "messages.0.content", "messages.-1.content"),
        ("08_verl.jsonl", "extra_info.question", "reward_model.ground_truth"),
        ("08_verl.jsonl", "prompt.0.content", "extra_info.answer"),
    ],
)
def test_fields_are_reached_inside_others(
    name: str, question: str, answer: str, shapes: Path
) -> None:
    fields = {"question_field": question, "answer_field": answer}
    found = only(shapes / name, **fields)
    assert (found.text, found.answer) == ("How many eggs are 3 dozen?", "36")


def test_chat_rows_are_imported(shapes: Path, tmp_path: Path) -> None:
    source = str(shapes / "08_messages.jsonl")
    assert main(["import", source, "--from", "chat", "--out", str(tmp_path / "run")]) == 0
    found = only(tmp_path / "run" / "questions.jsonl")
    assert (found.text, found.answer) == ("How many eggs are 3 dozen?", "36")


@pytest.mark.parametrize("name", ["README.md", "12_t5_unknown_tokens_mk.py"])
def test_what_is_no_table_is_one_line(
    name: str, shapes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(shapes / name)]) == 2
    error = capsys.readouterr().err
    assert f"{name} is plain text; what is read: JSON lines" in error
    assert error.count("\n") == 1


def test_a_folder_of_files_is_read_by_a_pattern(shapes: Path) -> None:
    found = load_questions([shapes / "08_t.*", shapes / "08_array.json"])
    assert [(q.text, q.answer) for q in found] == EGGS * 5
    assert len({q.id for q in found}) == 30
