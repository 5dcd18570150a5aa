"""Folders that `datasets` saved are tables, one for each split."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import datasets
import pytest

from cotkd.errors import DataError
from cotkd.store.tables import tables_of
from tests.store.tables.shapes import ROWS

NESTED: list[dict[str, Any]] = [
    {"messages": [{"content": "How many?", "role": "user"}], "n": n, "gold": {"value": [n]}}
    for n in range(2500)
]


def test_a_dataset_keeps_rows_and_types(tmp_path: Path) -> None:
    folder = tmp_path / "eggs"
    datasets.Dataset.from_list(NESTED).save_to_disk(folder)
    (table,) = tables_of(folder)
    assert (table.stem, table.split) == ("eggs", "")
    assert [row for _, row in table.rows()] == NESTED
    assert next(table.rows())[0] == f"{folder} row 1"


def test_every_split_is_a_table_and_can_be_named(tmp_path: Path) -> None:
    rows = datasets.Dataset.from_list(ROWS)
    folder = tmp_path / "eggs"
    datasets.DatasetDict(train=rows, test=rows.select([2, 0])).save_to_disk(folder)
    assert [(t.stem, t.split) for t in tables_of(folder)] == [
        ("eggs-train", "train"),
        ("eggs-test", "test"),
    ]
    (test,) = tables_of(folder / "test")
    assert [row["id"] for _, row in test.rows()] == ["c", "a"]


def test_rows_that_were_chosen_and_shuffled_are_those(tmp_path: Path) -> None:
    folder = tmp_path / "eggs"
    datasets.Dataset.from_list(NESTED).shuffle(seed=1).select(range(50)).save_to_disk(folder)
    loaded = datasets.load_from_disk(folder)
    assert [row for _, row in tables_of(folder)[0].rows()] == list(loaded)


@pytest.mark.parametrize("file", ["state.json", "dataset_dict.json"])
def test_a_damaged_folder_is_one_line(file: str, tmp_path: Path) -> None:
    (tmp_path / file).write_text("{")
    with pytest.raises(DataError) as caught:
        list(tables_of(tmp_path)[0].rows())
    assert "\n" not in str(caught.value)
    (tmp_path / file).write_text(json.dumps({"splits": ["train"]}))
    with pytest.raises(DataError):
        list(tables_of(tmp_path)[0].rows())
