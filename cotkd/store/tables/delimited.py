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
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO, NamedTuple

from cotkd.errors import DataError
from cotkd.store.tables.record import Fault, Record, not_utf8

DELIMITERS = {"\t": "TSV", ",": "CSV", ";": "CSV with semicolons", "|": "CSV with bars"}
_LONGEST_CELL = 1 << 24
_LONGEST_NAME = 40
_LOOKED_AT = 20
"""Records by which the delimiter is told."""


class Cells(NamedTuple):
    """How cells are written: what stands between them, and whether quotes hold them together."""

    delimiter: str
    quoted: bool = True


def delimited(stream: BinaryIO, name: str, cells: Cells) -> Iterator[Record]:
    """Yield the record of each row; one with too many cells, or a torn quote, is a fault.

    Raises:
        DataError: Two columns have one name.
    """
    rows = _records(stream, cells)
    first = next(rows, None)
    if first is None or isinstance(first[1], Fault):
        names: list[str] = []
    elif names_columns(first[1]):
        names, first = _names(first[1], name), None
    else:
        names = [str(place) for place in range(len(first[1]))]
    again = () if first is None else (first,)
    for number, (line, row) in enumerate(itertools.chain(again, rows), 1):
        if isinstance(row, Fault):
            yield number, line, row
        elif len(row) > len(names):
            what = f"{len(row)} cells, {len(names)} columns"
            yield number, line, Fault(f"{what}: one with {cells.delimiter!r} needs quotes")
        else:
            found = zip(names, (*row, *[""] * (len(names) - len(row))), strict=True)
            yield number, line, {column: cell or None for column, cell in found}


def names_columns(cells: Sequence[str]) -> bool:
    """Tell whether a first line names its columns rather than being the first row."""
    named = [cell.strip() for cell in cells if cell.strip()]
    return bool(named) and len(named) >= len(cells) - 1 and all(map(_is_name, named))


def delimiter_of(head: str, *, cut: bool = False) -> str | None:
    """Return what stands between cells: it divides all first lines in as many, two or more.

    Args:
        head: The first lines.
        cut: Whether there are more, so that a quote may be closed there.
    """
    best, most = None, 1
    for delimiter in DELIMITERS:
        counts = _counts(head, Cells(delimiter), cut=cut)
        if counts is None and delimiter == "\t":
            counts = _counts(head, Cells(delimiter, quoted=False), cut=cut)
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


def has_quoted(head: str, *, cut: bool = False) -> bool:
    """Tell whether quotes in TSV hold cells together, as csv writes them, or are mere signs."""
    return _counts(head, Cells("\t"), cut=cut) is not None


def _counts(head: str, cells: Cells, *, cut: bool) -> list[int] | None:
    """Return the number of cells of the first records; None where quotes are torn."""
    counts = []
    try:
        for row in itertools.islice(_reader(io.StringIO(head, newline=""), cells), _LOOKED_AT):
            counts += [len(row)] if row else []
    except csv.Error as error:
        return counts if cut and "end of data" in str(error) else None
    return counts


def _reader(text: Iterable[str], cells: Cells) -> Any:
    if not cells.quoted:
        return csv.reader(text, delimiter=cells.delimiter, quoting=csv.QUOTE_NONE)
    return csv.reader(text, delimiter=cells.delimiter, strict=True)


def _records(stream: BinaryIO, cells: Cells) -> Iterator[tuple[int, list[str] | Fault]]:
    """Yield where each record begins, and its cells."""
    csv.field_size_limit(_LONGEST_CELL)
    reader = _reader(io.TextIOWrapper(stream, "utf-8", errors="surrogateescape", newline=""), cells)
    line = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, Fault(f"no {DELIMITERS[cells.delimiter]}: mend its quotes ({error})")
        else:
            if row:
                yield line, _sound(row)
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
