"""Every notebook runs from top to bottom, and its two forms are the same notebook."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

from cotkd.cli import main
from tests.docs.blocks import commands

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


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_commands_for_real_models_resolve(path: Path) -> None:
    said = [shlex.split(command)[1:] for command in commands(path)]
    assert any("gsm8k" in word for word in said[-1])
    for words in said:
        # what the reader of notebook 07 writes into a file of the package
        known = ["fine_tune_cot" if word == "keep_it_short" else word for word in words]
        instead = "--dry-run" if words[0] == "run" else "--help"
        assert exit_code([*known, instead]) == 0, words


def exit_code(words: list[str]) -> int:
    try:
        return main(words)
    except SystemExit as end:  # how help ends
        return int(end.code or 0)


def test_a_chat_model_is_asked_in_its_template() -> None:
    """Another method on the command line brings its own way of asking."""
    for words in (shlex.split(one) for path in NOTEBOOKS for one in commands(path)):
        if "--method.kind" in words and "gsm8k" in words[2]:
            assert words[words.index("--method.elicitation.kind") + 1] == "chat"


def test_a_command_reads_what_one_before_it_wrote() -> None:
    written: list[str] = []
    for words in (shlex.split(one) for path in NOTEBOOKS for one in commands(path)):
        out = words[words.index("--out") + 1] if "--out" in words else f"runs/{words[2]}"
        for word in words:
            if word.startswith("runs/") and word != out:
                assert any(f"{word}/".startswith(f"{place}/") for place in written), word
        written.append(out)


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
