"""Broken JSON is named by its row, whether there is more to read or not."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from cotkd.errors import DataError
from cotkd.store.tables import Fault, tables_of
from tests.store.tables.shapes import written

BROKEN = [
    ('[{"a": 1}, {"a": tru}]', "row 2: broken JSON (Expecting value"),
    ('[{"a": 1}, {"a": "never', "row 2: broken JSON (Unterminated string"),
    ('[{"a": 1} {"a": 2}]', "row 1: broken JSON (no comma behind it"),
    ('[{"a": 1}', "row 1: broken JSON (the array never ends"),
    ('[{"a": 1},', "row 2: broken JSON (Expecting value"),
    ('[{"a": 1}] x', "row 1: broken JSON (something stands behind the end"),
    ('[{"a": 1}, ' + "[" * 100_000, "row 2: broken JSON"),
    ('{\n "a": 1\n}\n{\n "a" 2\n}', "row 2: broken JSON (Expecting ':' delimiter"),
]


@pytest.mark.parametrize(("text", "part"), BROKEN)
def test_broken_json_is_one_line_with_the_row(text: str, part: str, tmp_path: Path) -> None:
    table = tables_of(written(tmp_path, "x.json", text.encode()))[0]
    with pytest.raises(DataError) as caught:
        list(table.records())
    message = str(caught.value)
    assert part in message
    assert "\n" not in message
    assert len(message) < 450 + len(str(tmp_path))


def test_an_element_that_is_no_object_is_a_fault_of_its_own(tmp_path: Path) -> None:
    text = '[{"a": 1}, 12, "\\ud800", [2], {"a": "\\ud83d\\ude00"}]'
    found = [
        row for _, _, row in tables_of(written(tmp_path, "x.json", text.encode()))[0].records()
    ]
    assert found[0] == {"a": 1}
    assert found[1] == Fault("expected a JSON object, found int")
    assert isinstance(found[2], Fault)
    assert found[3] == Fault("expected a JSON object, found list")
    assert found[4] == {"a": "😀"}


def test_bytes_that_are_no_utf8_are_named(tmp_path: Path) -> None:
    table = tables_of(written(tmp_path, "x.json", b'[{"a": "\xff"}]'))[0]
    with pytest.raises(DataError, match=r"x\.json: not UTF-8 \(byte 0xff\)"):
        list(table.records())


def test_rows_over_the_ends_of_what_is_read_at_a_time_are_whole(tmp_path: Path) -> None:
    rows = [{"a": 'é\\"' * n, "n": [n, 1.5e300, True]} for n in (1, 9_000, 20_000, 3, 40_000)] * 3
    for indent in (None, 2):
        text = json.dumps(rows, indent=indent, ensure_ascii=False)
        table = tables_of(written(tmp_path, "x.json", text.encode()))[0]
        assert [row for _, row in table.rows()] == rows


def test_a_row_that_never_ends_takes_time_in_proportion_to_its_length(tmp_path: Path) -> None:
    def seconds(size: int) -> float:
        text = '[{"a": "' + "x" * size
        table = tables_of(written(tmp_path, "x.json", text.encode()))[0]
        start = time.process_time()
        with pytest.raises(DataError):
            list(table.records())
        return time.process_time() - start

    assert seconds(16_000_000) < 16 * max(seconds(2_000_000), 0.01)


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    "columns", [{"a": ["x", "y"], "b": [1, 2]}, {"a": {"0": "x"}, "b": {"0": 1}}]
)
def test_columns_are_named(columns: object, indent: int | None, tmp_path: Path) -> None:
    text = json.dumps(columns, indent=indent)
    table = tables_of(written(tmp_path, "x.json", text.encode()))[0]
    with pytest.raises(DataError, match=r"x\.json is one JSON object of columns: save its rows"):
        list(table.records())
