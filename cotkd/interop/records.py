"""Rows of other tools' files: JSON lines, a JSON list, Parquet, or folders that `datasets` saved.

for where, row in read_lines(Path("rows.parquet")): ...        # ("rows.parquet:1", {...})
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from cotkd.errors import DataError
from cotkd.store.newlines import unified
from cotkd.store.rows import numbered_lines, read_json

Line = tuple[str, dict[str, Any]]


def read_lines(path: Path) -> Iterator[Line]:
    """Yield where each row stands, and the row.

    A folder may be one dataset, several splits, or several of these in folders of their own, as
    `datasets` and distilabel save them.

    Raises:
        DataError: the file cannot be read, or a row is no object; names file and line.
    """
    if path.is_dir():
        yield from _saved(path)
    elif path.suffix == ".parquet":
        yield from _parquet(path)
    elif path.suffix == ".json":
        yield from _objects(path, enumerate(_listed(path), 1))
    else:
        yield from _objects(path, ((n, _parsed(path, n, line)) for n, line in numbered_lines(path)))


def _parsed(path: Path, number: int, line: bytes) -> Any:
    try:
        return from_json(line)
    except ValueError as error:
        raise DataError(f"{path}:{number}: not valid JSON ({error})") from None


def _listed(path: Path) -> list[Any]:
    value = read_json(path)
    if not isinstance(value, list):
        raise DataError(f"{path}: expected a list of objects, found {type(value).__name__}")
    return value


def _parquet(path: Path) -> Iterator[Line]:
    import pyarrow
    from pyarrow import parquet

    try:
        table = parquet.read_table(path)
    except (OSError, pyarrow.ArrowException) as error:
        raise DataError(f"{path}: not a readable Parquet file ({_first(error)})") from None
    yield from _objects(path, enumerate(table.to_pylist(), 1))


def _saved(folder: Path) -> Iterator[Line]:
    if (folder / "state.json").exists() or (folder / "dataset_dict.json").exists():
        import datasets

        try:
            saved = datasets.load_from_disk(str(folder))
        except (OSError, ValueError) as error:
            raise DataError(f"{folder}: not a readable dataset ({_first(error)})") from None
        parts = saved.items() if isinstance(saved, datasets.DatasetDict) else [("", saved)]
        for name, part in parts:
            yield from _objects(folder / name if name else folder, enumerate(part, 1))
        return
    inner = [p for p in sorted(folder.iterdir()) if p.is_dir() and _is_saved(p)]
    if not inner:
        raise DataError(f"{folder} holds no dataset that `datasets` saved: name a file in it")
    for part in inner:
        yield from _saved(part)


def _is_saved(folder: Path) -> bool:
    return any((folder / name).exists() for name in ("state.json", "dataset_dict.json"))


def _objects(path: Path, rows: Iterator[tuple[int, Any]]) -> Iterator[Line]:
    for number, row in rows:
        if not isinstance(row, dict):
            raise DataError(f"{path}:{number}: expected an object, found {type(row).__name__}")
        yield f"{path}:{number}", unified(row)


def _first(error: BaseException) -> str:
    return str(error).splitlines()[0]
