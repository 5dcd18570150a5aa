"""Finds the files that travel with the package: in a checkout and in an installed wheel alike."""

from __future__ import annotations

from pathlib import Path

from cotkd.errors import DataError

_PACKAGE = Path(__file__).resolve().parents[1]


def resource(name: str) -> Path:
    """Return the path of `data/NAME`, e.g. `microgsm/test.jsonl`; raises `DataError` if absent.

    A wheel holds the folder as `cotkd/_data`; a checkout has it beside the package.
    """
    for root in (_PACKAGE / "_data", _PACKAGE.parent / "data"):
        if (root / name).exists():
            return root / name
    raise DataError(f"data file {name!r} is missing from this installation: reinstall cotkd")
