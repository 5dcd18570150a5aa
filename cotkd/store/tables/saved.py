"""Folders that `datasets.save_to_disk` wrote: one dataset, its splits, or several of these.

splits_of(Path("eggs"))        {"train": Path("eggs/train"), "test": Path("eggs/test")}
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from cotkd.errors import DataError
from cotkd.store.tables.parquet import BATCH
from cotkd.store.tables.record import Record

_DATASET, _SPLITS = "state.json", "dataset_dict.json"


def is_saved(folder: Path) -> bool:
    """Tell whether `datasets` saved this folder."""
    return (folder / _DATASET).is_file() or (folder / _SPLITS).is_file()


def splits_of(folder: Path) -> dict[str, Path]:
    """Return the folder of each dataset in a folder, by its split; one without splits has none.

    A folder may hold several such folders, as distilabel saves them.
    """
    if (folder / _DATASET).is_file():
        return {"": folder}
    if (folder / _SPLITS).is_file():
        try:
            names = json.loads((folder / _SPLITS).read_bytes())["splits"]
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise DataError(f"{folder / _SPLITS}: not what `datasets` saves ({error!r})") from None
        return {str(name): folder / str(name) for name in names}
    inner = [part for part in sorted(folder.iterdir()) if part.is_dir() and is_saved(part)]
    found = {}
    for part in inner:
        for split, place in splits_of(part).items():
            found[f"{part.name}/{split}".strip("/")] = place
    return found


def saved(folder: Path) -> Iterator[Record]:
    """Yield the record of each row of one dataset; raises `DataError` where it is damaged."""
    import datasets
    import pyarrow

    try:
        rows = datasets.load_from_disk(str(folder)).with_format("arrow")
    except (OSError, ValueError, LookupError, pyarrow.ArrowException) as error:
        first = str(error).splitlines()[0]
        raise DataError(f"{folder}: not a readable dataset ({first})") from None
    number = 0
    for table in rows.iter(BATCH):
        for row in table.to_pylist():
            number += 1
            yield number, number, row
