"""Writes exported rows: JSON lines, a folder of `datasets`, an entry for LLaMA-Factory."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cotkd.errors import DataError
from cotkd.store.atomic import replacing, unwritable
from cotkd.store.rows import read_object, write_json

INFO = "dataset_info.json"


def write_lines(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write one JSON object per line in place of what `path` held."""
    with replacing(path) as file:
        file.writelines(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def describe_file(path: Path, entry: Mapping[str, Any]) -> Path:
    """Say in the `dataset_info.json` beside a file how LLaMA-Factory reads it; return that file.

    The entry is called after the file; others in there stay as they are.
    """
    place = path.with_name(INFO)
    write_json(place, {**read_object(place), path.stem: {"file_name": path.name, **entry}})
    return place


def write_folder(folder: Path, rows: Sequence[Mapping[str, Any]], card: str) -> None:
    """Write a folder that `datasets.load_from_disk` reads, with its card; all of it or nothing."""
    import datasets

    if folder.exists() and not (folder / "state.json").exists() and any(folder.iterdir()):
        raise DataError(f"{folder} holds other files than a dataset: choose another folder")
    scratch, before = (folder.with_name(f".{folder.name}.{end}") for end in ("new", "old"))
    bars = datasets.are_progress_bars_disabled()
    datasets.disable_progress_bars()
    try:
        shutil.rmtree(scratch, ignore_errors=True)
        datasets.Dataset.from_list([dict(row) for row in rows]).save_to_disk(str(scratch))
        (scratch / "README.md").write_text(card, encoding="utf-8")
        if folder.exists():
            shutil.rmtree(before, ignore_errors=True)
            folder.replace(before)
        scratch.replace(folder)
    except OSError as error:
        raise unwritable(folder, error) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        if folder.exists():
            shutil.rmtree(before, ignore_errors=True)
        if not bars:
            datasets.enable_progress_bars()
