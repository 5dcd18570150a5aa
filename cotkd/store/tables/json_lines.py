"""JSON lines: one object a line.

{"question": "Ann has 3 boxes with 12 eggs each. How many eggs has she?", "answer": "36"}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from pydantic_core import from_json

from cotkd.store.tables.record import Fault, Record, broken, row_or_fault


def json_lines(stream: BinaryIO) -> Iterator[Record]:
    r"""Yield the record of each line that is not blank; a broken one is a fault.

    Lines end at `\n` alone: other line separators of Unicode may stand inside a JSON string.
    """
    values: dict[str, Any] | Fault
    for number, line in enumerate(stream, 1):
        try:
            values = from_json(line)
        except ValueError as error:
            if not line.strip():
                continue
            values = broken(error, line)
        if values.__class__ is not dict and not isinstance(values, Fault):
            values = row_or_fault(values)
        yield number, number, values
