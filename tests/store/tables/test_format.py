"""A format is told by what a file holds; what is none is named, with those that are read."""

from __future__ import annotations

import io
import pickle
import sqlite3
import zipfile
from pathlib import Path

import pytest

from cotkd.errors import DataError
from cotkd.store.tables import tables_of
from tests.store.tables.shapes import written


def zipped() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("xl/workbook.xml", "<workbook/>")
    return made.getvalue()


def database(folder: Path) -> bytes:
    connection = sqlite3.connect(folder / "made.db")
    connection.execute("create table t (a)")
    connection.commit()
    connection.close()
    return (folder / "made.db").read_bytes()


FOREIGN = {
    "problems.xlsx": (zipped(), "a ZIP archive, such as an Excel workbook"),
    "problems.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "an old Excel workbook"),
    "problems.pkl": (pickle.dumps([{"question": "How many?\0"}]), "a binary file"),
    "problems.html": (b"<!doctype html>\n<p>How many?", "HTML or XML"),
    "problems.md": (b"# Problems\n\nHow many eggs?\n", "plain text"),
    "problems.yaml": (b"- question: How many?\n  answer: 3\n", "plain text"),
    "problems.jsonl": (b"How many eggs?\nNo more.\n", "plain text"),
    "problems.json": (b"How many", "plain text"),
    "problems.arrow": (b"ARROW1\0\0" + bytes(9), "an Arrow file"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_what_is_no_table_is_named_with_what_is_read(name: str, tmp_path: Path) -> None:
    data, what = FOREIGN[name]
    with pytest.raises(DataError) as caught:
        tables_of(written(tmp_path, name, data))
    message = str(caught.value)
    assert f"{name} is {what}; what is read: JSON lines, JSON arrays, CSV, TSV" in message
    assert message.endswith("save it as one of these")
    assert "\n" not in message


def test_a_database_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is an SQLite database; what is read"):
        tables_of(written(tmp_path, "x.db", database(tmp_path)))


TOLD = [
    ("x.jsonl", b'{"a": 1}\n', "JSON lines"),
    ("x.json", b'{"a": 1}\n{"a": 2}\n', "JSON lines"),
    ("x.jsonl", b"{\n" + b'{"a": 1}\n', "JSON lines"),
    ("x.jsonl", b'broken\n{"a": 1}\n', "JSON lines"),
    ("x.jsonl", b'{"a": [\n', "JSON lines"),
    ("x.jsonl", b"\n \n", "JSON lines"),
    ("x.csv", b"", "JSON lines"),
    ("x.json", b'{\n  "a": 1\n}\n', "JSON objects"),
    ("x.json", b'{"data": [{"a": 1}]}', "JSON objects"),
    ("x.json", b'{"data": [{"a": 1}]}\n{"data": []}', "JSON lines"),
    ("x.json", b'{"messages": [{"role": "user"}]}', "JSON lines"),
    ("x.jsonl", b' [ {"a": 1} ]', "a JSON array"),
    ("x.jsonl", b"[\n]", "a JSON array"),
    ("x.jsonl", b"[]", "a JSON array"),
    ("x.csv", b'[{"a": 1}]', "a JSON array"),
    ("x.csv", b"[a],b\n1,2\n", "CSV"),
    ("x.csv", b"a\n1\n", "CSV"),
    ("x.tsv", b"a\tb\n1\t2\n", "TSV"),
    ("x.tsv", b"a, b, c\n1, 2, 3\n", "TSV"),
    ("x.csv", b"a;b\n1,5;2\n2,5;3\n", "CSV with semicolons"),
    ("x.txt", b"a|b\n1|2\n", "CSV with bars"),
    ("x.csv", b"<b>,c\n1,2\n", "CSV"),
]


@pytest.mark.parametrize(("name", "data", "format"), TOLD)
def test_the_format_is_told_by_the_first_lines(
    name: str, data: bytes, format: str, tmp_path: Path
) -> None:
    assert tables_of(written(tmp_path, name, data))[0].format.name == format


def test_a_line_longer_than_what_is_looked_at_is_read(tmp_path: Path) -> None:
    long = b'{"a": "' + b"x" * 5_000_000 + b'"}'
    one = tables_of(written(tmp_path, "x.jsonl", long + b"\n" + long))[0]
    assert [len(row["a"]) for _, row in one.rows()] == [5_000_000] * 2
    two = tables_of(written(tmp_path, "y.json", b'{"data": [' + long + b"]}"))[0]
    assert [len(row["a"]) for _, row in two.rows()] == [5_000_000]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot read .*absent\.csv: No such file"):
        tables_of(tmp_path / "absent.csv")
