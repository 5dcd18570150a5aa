"""Which format a file has: told by what it holds, and only then by its name.

format_of(Path("problems.txt"), "problems.txt")      CSV, because its lines have as many cells
format_of(Path("problems.xlsx"), "problems.xlsx")    DataError: … is a ZIP archive, such as Excel …
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from pydantic_core import from_json

from cotkd.errors import DataError
from cotkd.store.tables.delimited import DELIMITERS, Cells, delimited, delimiter_of, has_quoted
from cotkd.store.tables.json_lines import json_lines
from cotkd.store.tables.json_text import holds_columns, json_array, json_objects, listed_rows
from cotkd.store.tables.parquet import parquet
from cotkd.store.tables.record import Record
from cotkd.store.tables.stream import SUFFIXES, opened

READ = (
    "JSON lines, JSON arrays, CSV, TSV and Parquet, plain or compressed with gzip or zstd, and "
    "folders that datasets.save_to_disk wrote"
)
"""What is read, for messages."""

_HEAD = 1 << 16
_LONGEST_LINE = 1 << 22
"""A line of which no more is read is no line of JSON lines, or could as well be none."""
_BLANK = b" \t\r\n"


class Format(NamedTuple):
    """A format: its name, how its records are read, and how their places are told."""

    name: str
    records: Callable[[BinaryIO, str], Iterator[Record]]
    text: bool = True
    lines: bool = True
    """A record has a line; else only its number is known."""
    typed: bool = True
    """Numbers, lists and objects are told from texts."""


JSON_LINES = Format("JSON lines", lambda stream, name: json_lines(stream))
JSON_ARRAY = Format("a JSON array", json_array, lines=False)
JSON_OBJECTS = Format("JSON objects", json_objects, lines=False)
PARQUET = Format("Parquet", parquet, text=False, lines=False)

_FOREIGN = (
    (b"PK\x03\x04", "a ZIP archive, such as an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"ARROW1", "an Arrow file"),
    (b"\xff\xff\xff\xff", "an Arrow stream: name the folder that holds it"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x89HDF", "an HDF5 file"),
    (b"%PDF", "a PDF"),
    (b"<", "HTML or XML"),
)
"""First bytes of formats that are not read."""

_JSON_NAMES = (".jsonl", ".ndjson", ".json", ".jsonlines")
_DELIMITED_NAMES = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
NAMES = (*_JSON_NAMES, *_DELIMITED_NAMES, ".parquet", ".pq", ".txt")
"""Endings of files that hold rows."""


def format_of(path: Path, name: str) -> Format:
    """Return the format of a file; `name` is what messages call it.

    Raises:
        OSError: The file cannot be read.
        DataError: It has none of the formats that are read.
    """
    with opened(path) as stream:
        head = stream.read(_HEAD)
    if head.startswith(b"PAR1"):
        return PARQUET
    suffix = suffix_of(name)
    found = next((what for magic, what in _FOREIGN if head.startswith(magic)), None)
    if found is not None and not (found == "HTML or XML" and suffix in _DELIMITED_NAMES):
        raise refusal(name, found)
    with opened(path, text=True) as stream:
        first, second = _line(stream), _line(stream)
    with opened(path, text=True) as stream:
        text = stream.read(_HEAD)
    if b"\0" in text:
        raise refusal(name, "a binary file")
    return _json(first, second, suffix) or _delimited(text, name, suffix)


def suffix_of(name: str) -> str:
    """Return the ending of a file's name, that of its compression aside: `.csv` of `a.csv.gz`."""
    path = Path(name.lower())
    return Path(path.stem).suffix if path.suffix in SUFFIXES else path.suffix


def refusal(name: str, found: str) -> DataError:
    """Return the error of a file that is no table."""
    return DataError(f"{name} is {found}; what is read: {READ}: save it as one of these")


def _json(first: bytes, second: bytes, suffix: str) -> Format | None:
    """Return the format of JSON that its first lines tell; None where they are no JSON."""
    match first[:1]:
        case b"":
            return JSON_LINES  # an empty file has no row, whatever it is
        case b"[":
            return _listed(first, second, suffix)
        case b"{":
            return _objects(first, second)
        case _:  # a number or a text is JSON too, and no row
            named = suffix in _JSON_NAMES and _parsed(first) is not None
            return JSON_LINES if named else None


def _listed(first: bytes, second: bytes, suffix: str) -> Format | None:
    inner = first[1:].lstrip(_BLANK)[:1] or second[:1]
    if inner in (b"{", b"]"):
        return JSON_ARRAY
    if suffix in _DELIMITED_NAMES:
        return None
    return JSON_LINES if isinstance(_parsed(first), list) else JSON_ARRAY


def _objects(first: bytes, second: bytes) -> Format:
    if len(first) >= _LONGEST_LINE:
        return JSON_OBJECTS  # reads rows on lines of their own as well
    whole = _parsed(first)
    if isinstance(whole, dict):
        alone = not second and (listed_rows(whole) is not None or holds_columns(whole))
        return JSON_OBJECTS if alone else JSON_LINES
    return JSON_OBJECTS if second[:1] in (b'"', b"}") else JSON_LINES


def _delimited(text: bytes, name: str, suffix: str) -> Format:
    """Return the format of a text that does not begin like JSON."""
    if suffix in _JSON_NAMES and any(line[:1] == b"{" for line in text.splitlines()):
        return JSON_LINES  # with a first line that is broken
    cut = len(text) == _HEAD
    head = (text.rpartition(b"\n")[0] if cut else text).decode(errors="replace")
    delimiter = delimiter_of(head, cut=cut)
    own = _DELIMITED_NAMES.get(suffix)
    if own == "\t" or (own and delimiter is None):
        delimiter = own
    if delimiter is None:
        raise refusal(name, "plain text")
    cells = Cells(delimiter, quoted=delimiter != "\t" or has_quoted(head, cut=cut))
    return Format(
        DELIMITERS[delimiter], lambda stream, name: delimited(stream, name, cells), typed=False
    )


def _line(stream: BinaryIO) -> bytes:
    """Return the next line that is not blank, without the blanks before it; empty at the end."""
    while line := stream.readline(_LONGEST_LINE):
        if line.strip():
            return line.lstrip()
    return b""


def _parsed(line: bytes) -> Any:
    try:
        return from_json(line)
    except ValueError:
        return None
