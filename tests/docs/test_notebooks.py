"""Every notebook runs from top to bottom, and its two forms are the same notebook."""

from __future__ import annotations

import os
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.py"))
LARGEST = 400_000
"""Bytes of a notebook with its output."""


def test_there_are_seven() -> None:
    assert [path.stem[:2] for path in NOTEBOOKS] == [f"{n:02}" for n in range(1, 8)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_and_source_are_the_same(path: Path) -> None:
    shown = nbformat.read(path.with_suffix(".ipynb"), as_version=4)
    source = jupytext.read(path)
    assert [cell.source for cell in shown.cells] == [cell.source for cell in source.cells], (
        f"{path.stem}: run `make notebooks`"
    )
    assert path.with_suffix(".ipynb").stat().st_size < LARGEST


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COTKD_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv(
        "PYTHONPATH", os.pathsep.join([str(FOLDER.parent), os.environ.get("PYTHONPATH", "")])
    )
    notebook = jupytext.read(path)
    done = NotebookClient(
        notebook,
        timeout=1200,
        kernel_name="python3",
        resources={"metadata": {"path": str(tmp_path)}},
    ).execute()
    shown = nbformat.read(path.with_suffix(".ipynb"), as_version=4)
    assert _pictures(done) == _pictures(shown) > 0


def _pictures(notebook: nbformat.NotebookNode) -> int:
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", ()))
    return sum("image/png" in output.get("data", {}) for output in outputs)
