"""Rows of distilabel's `TextGeneration`, as a saved Distiset, Parquet or JSON lines hold them.

    {"instruction": "Ann has …?", "generation": "There are …", "model_name": "Qwen/Qwen2.5-7B",
     "distilabel_metadata": {"statistics_text_generation_0": {"input_tokens": 61,
                                                              "output_tokens": 120}, …},
     "answer": "12"}

`generation` is a list where `group_generations` was on; rows of one instruction are its samples.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

from cotkd.errors import DataError
from cotkd.interop.imports.base import Import, Line, Recorded, field, gold_of, text_at
from cotkd.rationales.message import TRACE_FIELDS, fields_of


class Distilabel(Import):
    """Rows of distilabel's TextGeneration."""

    title: ClassVar[str] = "rows of TextGeneration: a saved Distiset, Parquet or JSON lines"
    source: ClassVar[str] = "distilabel 1.5"

    kind: Literal["distilabel"] = "distilabel"
    question_field: str = "instruction"
    """Column of the question."""
    text_field: str = "generation"
    """Column of the text, or of a list of texts."""
    answer_field: str = "answer"
    """Column of the gold answer or gold solution, where there is one."""

    def recorded(self, file: Path, lines: Iterator[Line]) -> Iterator[Recorded]:
        """Yield the samples on the lines of a file; a generation that failed is null."""
        for where, row in lines:
            value = field(row, self.text_field, where)
            texts = value if isinstance(value, list) else [value]
            for number, text in enumerate(texts):
                if text is not None and not isinstance(text, str):
                    raise DataError(
                        f"{where}: {self.text_field} holds {type(text).__name__}, expected text"
                    )
                read, written = _tokens(row, number)
                yield Recorded(
                    where=where,
                    question=text_at(row, self.question_field, where),
                    text=text or "",
                    teacher=self.teacher or _name(row, number),
                    gold=gold_of(row, self.answer_field),
                    finish_reason="error" if text is None else "stop",
                    prompt_tokens=read,
                    completion_tokens=written,
                    reasoning=_trace(row, number),
                    error="no generation was recorded" if text is None else None,
                )


def _name(row: Mapping[str, Any], number: int) -> str:
    return str(_at(row.get("model_name"), number) or "distilabel")


def _trace(row: Mapping[str, Any], number: int) -> str | None:
    """Return the thinking trace in a column of its own."""
    return fields_of({name: _at(row[name], number) for name in TRACE_FIELDS if name in row})[0]


def _tokens(row: Mapping[str, Any], number: int) -> tuple[int, int]:
    """Return the tokens read and written; 0 where they were not counted."""
    metadata = _at(row.get("distilabel_metadata"), number)
    for name, counts in metadata.items() if isinstance(metadata, Mapping) else ():
        if name.startswith("statistics_") and isinstance(counts, Mapping):
            found = (_at(counts.get(key), number) for key in ("input_tokens", "output_tokens"))
            read, written = (value if isinstance(value, int) else 0 for value in found)
            return read, written
    return 0, 0


def _at(value: Any, number: int) -> Any:
    """Return what belongs to one generation of a row: lists have an element for each."""
    if not isinstance(value, list):
        return value
    return value[number] if number < len(value) else (value[0] if value else None)
