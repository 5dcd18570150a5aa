import logging
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotkd.errors import DataError
from cotkd.store.rows import numbered_lines, read_json, read_rows, write_json, write_rows
from cotkd.types import Completion, Question
from tests.store.rows_of_tests import completion, lines


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text()))
def test_rows_written_are_the_rows_read(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    path = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    rows = [completion(number, text) for number, text in enumerate(texts)]
    assert write_rows(path, rows) == len(rows)
    assert list(read_rows(path, Completion)) == rows


def test_a_line_separator_inside_a_text_ends_no_row(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    rows = [completion(0, "a\u2028b\u2029c\x85d\x0ce"), completion(1, "f\r\ng")]
    write_rows(path, rows)
    assert list(read_rows(path, Completion)) == rows


def test_a_byte_order_mark_and_blank_lines_are_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"\xef\xbb\xbf{}\r\n\r\n  \n[]")
    assert list(numbered_lines(path)) == [(1, b"{}\r\n"), (4, b"[]")]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b"{", "JSON"),
        (b'{"id": "a", "text": "t"}', "answer"),
        (b'{"id": "a", "text": "t", "answer": "1", "extra": 1}', "extra"),
        (b'{"id": "a", "text": "\xff", "answer": "1"}', "JSON"),
        (b'{"id": "a", "text": "\\ud800", "answer": "1"}', "JSON"),
        (b"[" * 100_000, "JSON"),
        (b"[1]", "Question"),
    ],
)
def test_a_bad_line_is_one_short_error_with_its_number(
    tmp_path: Path, line: bytes, complaint: str
) -> None:
    path = tmp_path / "rows.jsonl"
    good = b'{"id": "g", "text": "t", "answer": "1"}\n'
    path.write_bytes(good + line + b"\n" + good)
    with pytest.raises(DataError) as caught:
        list(read_rows(path, Question))
    message = str(caught.value)
    assert message.startswith(f"{path}:2: ")
    assert complaint in message
    assert "\n" not in message
    assert len(message) < 300 + len(str(path)) + 10


def test_skipped_rows_are_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(lines(completion(0)) + b"{\n{}\n" + lines(completion(1)))
    with caplog.at_level(logging.WARNING):
        rows = list(read_rows(path, Completion, on_bad_row="skip"))
    assert rows == [completion(0), completion(1)]
    assert f"skipped 2 bad rows, the first: {path}:2" in caplog.text


def test_an_interrupted_write_leaves_the_old_rows_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    write_rows(path, [completion(0)])

    def breaking():
        yield completion(1)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_rows(path, breaking())
    assert list(read_rows(path, Completion)) == [completion(0)]
    assert [file.name for file in tmp_path.iterdir()] == ["rows.jsonl"]


def test_text_without_a_utf8_form_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Completion row cannot be stored"):
        write_rows(tmp_path / "rows.jsonl", [completion(0, "\ud800")])


def test_json_documents_come_back_and_numbers_that_are_not_finite_are_null(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "results.json"
    write_json(path, {"a": (1, 2.5), "path": Path("x"), "row": completion(0), "loss": float("nan")})
    assert read_json(path) == {
        "a": [1, 2.5],
        "path": "x",
        "row": completion(0).model_dump(mode="json"),
        "loss": None,
    }


def test_unreadable_documents_name_the_file(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.json", tmp_path):
        with pytest.raises(DataError, match=str(path)):
            read_json(path)
        with pytest.raises(DataError, match=str(path)):
            list(read_rows(path, Question))
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    with pytest.raises(DataError, match=r"broken\.json: not valid JSON"):
        read_json(broken)
