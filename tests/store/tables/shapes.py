"""The same rows in every format that is read."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Rows = Sequence[dict[str, Any]]

ROWS: Rows = [
    {"id": "a", "question": "Ann has 2 boxes, “red” ones.\nHow many?", "answer": "2"},
    {"id": "b", "question": 'Bo says "four; or 4\u2028more". How many?', "answer": "4"},
    {"id": "c", "question": "Über 3 | oder\tmehr?", "answer": "3"},
]


def as_lines(rows: Rows) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def as_cells(rows: Rows, **dialect: Any) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), **dialect)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def as_parquet(rows: Rows) -> bytes:
    import pyarrow
    from pyarrow import parquet

    sink = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist(list(rows)), sink, row_group_size=2)
    return sink.getvalue()


def zstd(data: bytes) -> bytes:
    import pyarrow

    return pyarrow.Codec("zstd").compress(data, asbytes=True)


FORMATS: dict[str, Callable[[Rows], bytes]] = {
    "jsonl": as_lines,
    "array.json": lambda rows: json.dumps(list(rows)).encode(),
    "indented.json": lambda rows: json.dumps(list(rows), indent=2, ensure_ascii=False).encode(),
    "objects.json": lambda rows: "\n".join(json.dumps(row, indent=1) for row in rows).encode(),
    "inside.json": lambda rows: json.dumps({"version": 1, "data": list(rows)}).encode(),
    "inside-indented.json": lambda rows: json.dumps({"rows": list(rows)}, indent=4).encode(),
    "csv": as_cells,
    "crlf-semicolons.csv": lambda rows: as_cells(rows, delimiter=";"),
    "bars.csv": lambda rows: as_cells(rows, delimiter="|"),
    "tsv": lambda rows: as_cells(rows, delimiter="\t"),
    "all-quoted.csv": lambda rows: as_cells(rows, quoting=csv.QUOTE_ALL),
    "parquet": as_parquet,
}
"""By the ending of a file: its bytes."""

TEXTS = {name: made for name, made in FORMATS.items() if name != "parquet"}

COMPRESSED: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "zst": zstd,
    "bz2": bz2.compress,
    "xz": lzma.compress,
}


def written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path
