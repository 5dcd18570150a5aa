"""CSV and TSV: cells between commas, semicolons, tabs or bars, the first line names the columns.

question,answer
"Ann has 3 boxes, with 12 eggs each. How many eggs has she?",36

Where the first line holds no names, as one with a number does not, columns are named by their
place: `0`, `1`, … An empty cell is None.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from cotkd.errors import DataError
from cotkd.store.tables.record import Fault, Record, not_utf8

DELIMITERS = {"\t": "TSV", ",": "CSV", ";": "CSV with semicolons", "|": "CSV with bars"}
_LONGEST_CELL = 1 << 24
_LONGEST_NAME = 40
_LOOKED_AT = 20
"""Records by which the delimiter is told."""


def delimited(stream: BinaryIO, name: str, delimiter: str) -> Iterator[Record]:
    """Yield the record of each row; one with too many cells, or a torn quote, is a fault.

    Raises:
        DataError: Two columns have one name.
    """
    rows = _records(stream, delimiter)
    first = next(rows, None)
    if first is None or isinstance(first[1], Fault):
        names: list[str] = []
    elif names_columns(first[1]):
        names, first = _names(first[1], name), None
    else:
        names = [str(place) for place in range(len(first[1]))]
    again = () if first is None else (first,)
    for number, (line, cells) in enumerate(itertools.chain(again, rows), 1):
        if isinstance(cells, Fault):
            yield number, line, cells
        elif len(cells) > len(names):
            yield (
                number,
                line,
                Fault(
                    f"{len(cells)} cells, {len(names)} columns: one with {delimiter!r} needs quotes"
                ),
            )
        else:
            found = zip(names, (*cells, *[""] * (len(names) - len(cells))), strict=True)
            yield number, line, {column: cell or None for column, cell in found}


def names_columns(cells: Sequence[str]) -> bool:
    """Tell whether a first line names its columns rather than being the first row."""
    named = [cell.strip() for cell in cells if cell.strip()]
    return bool(named) and len(named) >= len(cells) - 1 and all(map(_is_name, named))


def delimiter_of(head: str) -> str | None:
    """Return what stands between cells: it divides all first lines in as many, two or more."""
    best, most = None, 1
    for delimiter in DELIMITERS:
        counts = _counts(head, delimiter)
        if counts and min(counts) == max(counts) > most:
            best, most = delimiter, counts[0]
    return best


def _is_name(cell: str) -> bool:
    return len(cell) <= _LONGEST_NAME and cell[-1] not in ".?!:" and not _is_number(cell)


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "").strip("$€£%"))
    except ValueError:
        return False
    return True


def _names(cells: Sequence[str], name: str) -> list[str]:
    names = [cell.strip() for cell in cells]
    twice = [column for column, count in Counter(names).items() if count > 1]
    if twice:
        raise DataError(f"{name}:1: two columns are called {twice[0]!r}: rename one")
    return names


def _counts(head: str, delimiter: str) -> list[int]:
    """Return the number of cells of the first records; the last may be cut and does not count."""
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter, strict=True)
    counts = []
    try:
        for cells in itertools.islice(reader, _LOOKED_AT):
            counts += [len(cells)] if cells else []
    except csv.Error:
        return []
    return counts


def _records(stream: BinaryIO, delimiter: str) -> Iterator[tuple[int, list[str] | Fault]]:
    """Yield where each record begins, and its cells."""
    csv.field_size_limit(_LONGEST_CELL)
    text = io.TextIOWrapper(stream, "utf-8", errors="surrogateescape", newline="")
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield (
                line,
                Fault(f"a cell that is no {DELIMITERS[delimiter]} ({error}): mend its quotes"),
            )
        else:
            if cells:
                yield line, _sound(cells)
        line = reader.line_num + 1


def _sound(cells: list[str]) -> list[str] | Fault:
    """Return cells that are UTF-8; a byte that is not was made a surrogate."""
    for cell in cells:
        if not cell.isascii():
            try:
                cell.encode()
            except UnicodeEncodeError as error:
                return not_utf8(ord(cell[error.start]) - 0xDC00, error.start)
    return cells
