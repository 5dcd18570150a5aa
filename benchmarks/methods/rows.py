"""The rows of results.jsonl: one for each cell and size, appended as they are measured."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.methods.cells import Size


def append(path: Path, row: dict[str, object]) -> None:
    """Add a row in one write, so that a stop leaves whole lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")


def read(path: Path) -> list[dict[str, object]]:
    """Return the rows; of several of one cell and size the last."""
    if not path.exists():
        return []
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return list({(row["key"], json.dumps(row["size"])): row for row in rows}.values())


def finished(path: Path, size: Size) -> set[str]:
    """Return the keys of the cells that were measured at this size."""
    return {str(row["key"]) for row in read(path) if row["size"] == size._asdict()}
