"""A name stands for files, for all that match it, for splits, or for what is piped in."""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from cotkd.errors import DataError
from cotkd.store.tables import place, tables_of
from cotkd.store.tables.place import names_rows, places_of
from tests.store.tables.shapes import ROWS, as_lines, as_parquet, written


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    place._kept.cache_clear()


def test_a_pattern_stands_for_what_matches_in_order(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.jsonl", "c.csv"):
        written(tmp_path, name, as_lines(ROWS))
    assert [one.stem for one in places_of(f"{tmp_path}/*.jsonl")] == ["a", "b"]
    (tmp_path / "inner").mkdir()
    written(tmp_path / "inner", "d.jsonl", as_lines(ROWS))
    assert [one.stem for one in places_of(tmp_path / "**" / "*.jsonl")] == ["a", "b", "d"]
    with pytest.raises(DataError, match=r"no file matches the pattern .*\*\.tsv"):
        places_of(f"{tmp_path}/*.tsv")


def test_a_file_with_brackets_in_its_name_is_no_pattern(tmp_path: Path) -> None:
    path = written(tmp_path, "set[1].jsonl", as_lines(ROWS))
    assert [one.path for one in places_of(path)] == [path]


def test_standard_input_can_be_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "sys.stdin", SimpleNamespace(buffer=io.BytesIO(as_lines(ROWS)), isatty=bool)
    )
    for _ in range(2):
        (table,) = tables_of("-")
        assert (table.name, table.stem) == ("standard input", "stdin")
        assert [row for _, row in table.rows()] == ROWS


def test_parquet_can_be_piped_in(monkeypatch: pytest.MonkeyPatch) -> None:
    piped = SimpleNamespace(buffer=io.BytesIO(as_parquet(ROWS)), isatty=bool)
    monkeypatch.setattr("sys.stdin", piped)
    assert [row for _, row in tables_of("-")[0].rows()] == ROWS


def test_a_terminal_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(), isatty=lambda: True))
    with pytest.raises(DataError, match="nothing is piped in: cat FILE"):
        tables_of("-")


def test_a_named_pipe_is_read(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=lambda: path.write_bytes(as_lines(ROWS)))
    writer.start()
    assert [row for table in tables_of(path) for _, row in table.rows()] == ROWS
    writer.join()


def test_names_of_files_are_told_from_names_of_sets(tmp_path: Path) -> None:
    for name in ("x.jsonl", "x.csv.gz", "a/b", "*.parquet", "-", "x.zst", str(tmp_path)):
        assert names_rows(name), name
    for name in ("gsm8k", "gsm8k:test", "microgms", "bbh:navigate", "gsm8k[:10]"):
        assert not names_rows(name), name


def test_a_folder_of_other_files_says_what_to_name(tmp_path: Path) -> None:
    written(tmp_path, "train-00000.parquet", as_parquet(ROWS))
    with pytest.raises(DataError) as caught:
        tables_of(tmp_path)
    assert "it holds train-00000.parquet: name a file in it" in str(caught.value)
    assert f"'{tmp_path}/*.parquet'" in str(caught.value)
