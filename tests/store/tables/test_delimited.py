"""Cells become rows; what is torn is a fault of its own row and of no other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cotkd.errors import DataError
from cotkd.store.tables import Fault, tables_of
from cotkd.store.tables.delimited import delimiter_of, names_columns
from tests.store.tables.shapes import written


def records(folder: Path, data: bytes, name: str = "x.csv") -> list[tuple[int, int, Any]]:
    return list(tables_of(written(folder, name, data))[0].records())


def test_an_empty_cell_and_a_short_row_are_none(tmp_path: Path) -> None:
    assert records(tmp_path, b"a,b\n1,\n\n2\n") == [
        (1, 2, {"a": "1", "b": None}),
        (2, 4, {"a": "2", "b": None}),
    ]


def test_a_row_with_too_many_cells_is_a_fault(tmp_path: Path) -> None:
    first, second = records(tmp_path, b"a,b\nOne, two, three,4\n5,6\n")
    assert first[2] == Fault("4 cells, 2 columns: one with ',' needs quotes")
    assert second == (2, 3, {"a": "5", "b": "6"})


@pytest.mark.parametrize("torn", [b'"One" two,3\n', b'"One\n'])
def test_a_torn_quote_is_a_fault_and_swallows_no_row_in_silence(
    torn: bytes, tmp_path: Path
) -> None:
    found = records(tmp_path, b"a,b\n" + torn + b"5,6\n")
    assert found[0][:2] == (1, 2)
    assert "mend its quotes" in found[0][2].reason


def test_bytes_that_are_no_utf8_are_a_fault_of_their_row(tmp_path: Path) -> None:
    first, second = records(tmp_path, b"a,b\nM\xfcller,1\nBo,2\n")
    assert first[2] == Fault("not UTF-8 (byte 0xfc at 1)")
    assert second[2] == {"a": "Bo", "b": "2"}


def test_a_long_cell_is_read(tmp_path: Path) -> None:
    (row,) = records(tmp_path, b"a,b\n" + b"x" * 300_000 + b",1\n")
    assert len(row[2]["a"]) == 300_000


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"x\.csv:1: two columns are called 'a': rename one"):
        records(tmp_path, b"a,b,a\n1,2,3\n")


NAMED = [
    (["question", "answer"], True),
    (["Question text", "Gold (number)"], True),
    (["", "question", "answer"], True),
    (["How many eggs?", "24"], False),
    (["Is 3 more than 2?", "yes"], False),
    (["They are twelve in a box, and Ann has three of them", "twelve"], False),
    (["a", "$1,200"], False),
    (["", "", "x"], False),
]


@pytest.mark.parametrize(("cells", "named"), NAMED)
def test_a_first_line_is_told_from_a_row(cells: list[str], named: bool) -> None:
    assert names_columns(cells) is named


def test_columns_without_names_go_by_their_place(tmp_path: Path) -> None:
    assert records(tmp_path, b"How many?\t24\tx\nAnd now?\t25\ty\n", "x.tsv") == [
        (1, 1, {"0": "How many?", "1": "24", "2": "x"}),
        (2, 2, {"0": "And now?", "1": "25", "2": "y"}),
    ]


DELIMITERS = [
    ("a,b\n1,2\n", ","),
    ("a;b\n1,5;2\n2;3\n", ";"),
    ("a\tb\nOne, two\t2\nOne, two\t2\n", "\t"),
    ('"a,b","c"\n1,2\n', ","),
    ("no table\nat all\n", None),
    ("some, text\nwith a comma\n", None),
    ("", None),
]


@pytest.mark.parametrize(("head", "delimiter"), DELIMITERS)
def test_the_delimiter_divides_every_line_alike(head: str, delimiter: str | None) -> None:
    assert delimiter_of(head) == delimiter


def test_quotes_of_a_table_with_tabs_are_signs_where_they_hold_nothing(tmp_path: Path) -> None:
    plain = b'a\tb\n"Hi" she said\t1\nand "so"\t"2\n'
    assert [row for _, _, row in records(tmp_path, plain, "x.tsv")] == [
        {"a": '"Hi" she said', "b": "1"},
        {"a": 'and "so"', "b": '"2'},
    ]
    quoted = b'a\tb\n"Hi\tyou ""two"""\t1\n'
    assert records(tmp_path, quoted, "x.tsv")[0][2] == {"a": 'Hi\tyou "two"', "b": "1"}


def test_a_long_quoted_cell_is_whole_where_the_first_lines_end_in_it(tmp_path: Path) -> None:
    long = "line\tof text\n" * 20_000
    for delimiter, name in (("\t", "x.tsv"), (",", "x.csv")):
        data = f'a{delimiter}b\n"{long}"{delimiter}1\n'.encode()
        assert records(tmp_path, data, name) == [(1, 2, {"a": long, "b": "1"})]
