import json
import logging
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotkd.errors import DataError
from cotkd.questions.file import read_files
from cotkd.questions.row import Fields
from cotkd.store.rows import write_rows
from cotkd.types import Question

GOOD = {"question": "How many?", "answer": "He has 2+2=<<2+2=4>>4.\n#### 4"}

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="#\r"), min_size=1).filter(str.strip)
QUESTIONS = st.lists(
    st.builds(
        Question,
        id=TEXT,
        text=TEXT,
        answer=TEXT.map(str.strip),
        choices=st.none() | st.tuples(TEXT, TEXT),
        rationale=st.none() | TEXT,
        steps=st.none() | st.tuples(st.tuples(TEXT, TEXT)),
        source=TEXT,
        split=TEXT,
        meta=st.dictionaries(TEXT, st.integers() | TEXT, max_size=2),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda question: question.id,
)


def written(folder: Path, *rows: Any) -> Path:
    """A file of rows; bytes are lines as they are."""
    path = folder / "set.jsonl"
    lines = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]
    path.write_bytes(b"\n".join(lines))
    return path


@settings(max_examples=40, deadline=None)
@given(questions=QUESTIONS)
def test_questions_of_a_run_read_back_equal(
    tmp_path_factory: pytest.TempPathFactory, questions: list[Question]
) -> None:
    path = tmp_path_factory.mktemp("questions") / "q.jsonl"
    write_rows(path, questions)
    assert read_files(path) == questions


def test_a_gsm8k_row_is_taken_apart(tmp_path: Path) -> None:
    (question,) = read_files(written(tmp_path, GOOD))
    assert question == Question(
        id="set-00001",
        text="How many?",
        answer="4",
        rationale="He has 2+2=<<2+2=4>>4.",
        source="set",
    )


def test_rows_without_an_id_are_named_after_their_line(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD, b"", GOOD, {**GOOD, "id": "own"}, {**GOOD, "id": 7})
    assert [q.id for q in read_files(path)] == ["set-00001", "set-00003", "own", "7"]


def test_a_skipped_row_renames_no_other(tmp_path: Path) -> None:
    path = written(tmp_path, b"{", GOOD)
    assert [q.id for q in read_files(path, on_bad_row="skip")] == ["set-00002"]


def test_fields_are_read_by_name(tmp_path: Path) -> None:
    row = {"input": "Q", "target": 18, "key": "a", "question": 1, "answer": None, "id": []}
    path = written(tmp_path, row)
    (question,) = read_files(path, fields=Fields("input", "target", "key"))
    assert (question.id, question.text, question.answer) == ("a", "Q", "18")


def test_text_stands_in_for_question(tmp_path: Path) -> None:
    rows = {"text": "a", "answer": "1"}, {"text": "b", "question": "c", "answer": "1"}
    assert [q.text for q in read_files(written(tmp_path, *rows))] == ["a", "c"]


@pytest.mark.parametrize(
    ("value", "answer"),
    [(18, "18"), (-0.5, "-0.5"), (True, "yes"), (False, "no"), (" 3/4 ", "3/4")],
)
def test_numbers_and_booleans_are_answers(tmp_path: Path, value: Any, answer: str) -> None:
    (question,) = read_files(written(tmp_path, {**GOOD, "answer": value}))
    assert question.answer == answer


BAD_ROWS = [
    (b"{", "broken JSON"),
    (b'{"question": "Q", "answer": "1"} x', "broken JSON"),
    (b"[1]", "expected a JSON object, found list"),
    (b'{"question": "\xff", "answer": "1"}', "not UTF-8 (byte 0xff at 14)"),
    (b'{"question": "\\ud800", "answer": "1"}', "broken JSON"),
    (b"[" * 100_000, "broken JSON"),
    ({"answer": "1"}, "field 'question' is missing (found: answer)"),
    ({}, "is missing (found: none)"),
    ({"question": "Q"}, "field 'answer' is missing"),
    ({"question": " \n", "answer": "1"}, "field 'question' is empty"),
    ({"text": "", "answer": "1"}, "field 'text' is empty"),
    ({"question": "Q", "answer": ""}, "field 'answer' is empty"),
    ({"question": "Q", "answer": None}, "field 'answer': expected text, found None"),
    (
        {"question": "Q", "answer": ["1", "2"]},
        "'2']: name the field of the answer, such as --questions.answer-field answer.0",
    ),
    ({"question": "Q", "answer": {"value": 1}}, "such as --questions.answer-field answer.value"),
    ({"question": "Q", "answer": []}, "field 'answer': expected text, found []"),
    ({"question": 1, "answer": "1"}, "field 'question': expected text, found 1"),
    ({"question": "Q", "answer": float("nan")}, "field 'answer': expected text, found nan"),
    ({"question": "Q", "answer": "so\n#### "}, "field 'answer': no answer after ####"),
    ({"question": "Q", "answer": "1", "id": "  "}, "field 'id' is empty"),
    ({"question": "Q", "answer": "1", "id": 1.5}, "field 'id': expected text, found 1.5"),
    ({"question": "Q", "answer": "1", "id": "first"}, "field 'id': id 'first' occurs twice"),
]


@pytest.mark.parametrize(("row", "complaint"), BAD_ROWS)
def test_a_bad_row_is_one_line_with_file_line_and_field(
    tmp_path: Path, row: Any, complaint: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = written(tmp_path, {**GOOD, "id": "first"}, row, GOOD)
    with pytest.raises(DataError) as caught:
        read_files(path)
    message = str(caught.value)
    assert message.startswith(f"{path}:2: ")
    assert complaint in message
    assert "\n" not in message
    assert len(message) < len(str(path)) + 450
    with caplog.at_level(logging.WARNING):
        assert [q.id for q in read_files(path, on_bad_row="skip")] == ["first", "set-00003"]
    assert f"{path}: skipped 1 bad rows, the first: {path}:2: " in caplog.text


def test_a_named_id_field_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="field 'key' is missing"):
        read_files(written(tmp_path, GOOD), fields=Fields(id="key"))


def test_a_file_without_questions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no question"):
        read_files(written(tmp_path, b"\n"))
    with pytest.raises(DataError, match=r"holds no question \(1 bad rows\)"):
        read_files(written(tmp_path, b"{"), on_bad_row="skip")
    with pytest.raises(DataError, match="cannot read"):
        read_files(tmp_path / "absent.jsonl")
