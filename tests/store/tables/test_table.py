"""The same rows are read from every format, however they are compressed and encoded."""

from __future__ import annotations

import gc
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from cotkd.errors import DataError
from cotkd.store.newlines import unified
from cotkd.store.tables import tables_of
from cotkd.store.tables.json_text import holds_columns
from tests.store.tables.shapes import COMPRESSED, FORMATS, ROWS, TEXTS, as_lines, written


def rows_of(*names: Any) -> list[dict[str, Any]]:
    return [row for table in tables_of(names) for _, row in table.rows()]


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_holds_the_same_rows(form: str, tmp_path: Path) -> None:
    assert rows_of(written(tmp_path, f"x.{form}", FORMATS[form](ROWS))) == ROWS


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("way", COMPRESSED)
def test_compressed_files_are_unpacked(way: str, form: str, tmp_path: Path) -> None:
    data = COMPRESSED[way](FORMATS[form](ROWS))
    table = tables_of(written(tmp_path, f"set.{form}.{way}", data))[0]
    assert [row for _, row in table.rows()] == ROWS
    assert table.stem == f"set.{form}".rpartition(".")[0]


@pytest.mark.parametrize("form", TEXTS)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_encodings_of_unicode_are_read(form: str, encoding: str, tmp_path: Path) -> None:
    data = TEXTS[form](ROWS).decode().encode(encoding)
    assert rows_of(written(tmp_path, f"x.{form}", data)) == ROWS


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", ["x", "x.txt", "x.jsonl", "x.dat"])
def test_the_content_counts_and_not_the_name(form: str, name: str, tmp_path: Path) -> None:
    assert rows_of(written(tmp_path, name, FORMATS[form](ROWS))) == ROWS


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
OBJECTS = st.lists(
    st.dictionaries(st.text(min_size=1, max_size=5), VALUES, min_size=1, max_size=4), max_size=6
)


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=OBJECTS, indent=st.none() | st.integers(0, 3), ascii_only=st.booleans())
def test_any_objects_are_read_from_an_array_and_from_lines(
    tmp_path: Path, rows: list[dict[str, Any]], indent: int | None, ascii_only: bool
) -> None:
    assume(len(rows) != 1 or not holds_columns(rows[0]))  # which a file of one line may mean
    array = json.dumps(rows, indent=indent, ensure_ascii=ascii_only).encode(errors="surrogatepass")
    assert rows_of(written(tmp_path, "x.json", array)) == unified(rows)
    assert rows_of(written(tmp_path, "x.jsonl", as_lines(rows))) == unified(rows)


def test_each_row_says_where_it_stands(tmp_path: Path) -> None:
    data = {"x.jsonl": b'\n{"a": 1}\n', "x.csv": b'a,b\n"1\n2",3\n4,5\n', "x.json": b'[{"a": 1}]'}
    places = {
        name: [where for where, _ in tables_of(written(tmp_path, name, text))[0].rows()]
        for name, text in data.items()
    }
    assert places == {
        "x.jsonl": [f"{tmp_path}/x.jsonl:2"],
        "x.csv": [f"{tmp_path}/x.csv:2", f"{tmp_path}/x.csv:4"],
        "x.json": [f"{tmp_path}/x.json row 1"],
    }


@pytest.mark.parametrize("form", ["jsonl", "array.json", "csv", "jsonl.gz", "jsonl.zst"])
def test_a_long_file_takes_the_memory_of_a_part(form: str, tmp_path: Path) -> None:
    rows = [{"id": str(n), "question": "How many? " * 20, "answer": "2"} for n in range(40_000)]
    kind, _, way = form.partition(".")
    data = FORMATS[form if form in FORMATS else kind](rows)
    data = COMPRESSED[way](data) if way in COMPRESSED else data
    table = tables_of(written(tmp_path, f"x.{form}", data))[0]
    del rows, data
    gc.collect()
    tracemalloc.start()
    try:
        assert sum(1 for _ in table.rows()) == 40_000
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 2_000_000  # of nine million bytes


@pytest.mark.parametrize("way", COMPRESSED)
def test_a_compressed_file_that_is_cut_short_is_named(way: str, tmp_path: Path) -> None:
    data = COMPRESSED[way](as_lines([{"question": str(n), "answer": "1"} for n in range(40_000)]))
    path = written(tmp_path, f"x.jsonl.{way}", data[: len(data) // 2])
    with pytest.raises(DataError, match=rf"x\.jsonl\.{way} is compressed .* cut short") as caught:
        rows_of(path)
    assert "\n" not in str(caught.value)


def test_a_text_that_turns_out_to_be_no_utf16_is_named(tmp_path: Path) -> None:
    data = '{"a": 1}\n'.encode("utf-16") + "\ud800".encode("utf-16-le", "surrogatepass") + b"a\0"
    with pytest.raises(DataError, match=r"x\.jsonl is a text, and is cut short or damaged"):
        rows_of(written(tmp_path, "x.jsonl", data))


def test_a_lone_row_of_empty_lists_is_a_row(tmp_path: Path) -> None:
    assert rows_of(written(tmp_path, "x.jsonl", b'{"a": [], "b": []}\n')) == [{"a": [], "b": []}]
