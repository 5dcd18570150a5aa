"""Writes what people read about a run: `report.html` and, of a student, `MODEL_CARD.md`."""

from __future__ import annotations

from pathlib import Path

from cotkd.report.card import render_card
from cotkd.report.html import render
from cotkd.report.load import load_run
from cotkd.store.atomic import replacing


def write_report(path: str | Path) -> Path:
    """Write `report.html`, and the model card of a student, into a run directory.

    Args:
        path: The run directory; whatever part of a run it holds is reported.

    Returns:
        The path of `report.html`.

    Raises:
        DataError: `path` is no run directory, or one of its files is damaged.
    """
    run = load_run(Path(path))
    target = run.path / "report.html"
    with replacing(target) as file:
        file.write(render(run).encode())
    if run.results.scores.get("student"):
        with replacing(run.path / "MODEL_CARD.md") as file:
            file.write(render_card(run).encode())
    return target
