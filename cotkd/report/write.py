"""Writes what people read about a run: `report.html` and, of a student, `MODEL_CARD.md`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cotkd.report.beside import beside
from cotkd.report.card import render_card
from cotkd.report.html import render
from cotkd.report.load import load_run
from cotkd.store.atomic import replacing


def write_report(path: str | Path, *, others: Sequence[str | Path] = ()) -> Path:
    """Write `report.html`, and the model card of a student, into a run directory.

    Args:
        path: The run directory; whatever part of a run it holds is reported.
        others: Runs whose students are put beside the run's own; the report is then
            `report-with-OTHER.html`, and there is no model card.

    Returns:
        The path of the report.

    Raises:
        DataError: `path` is no run directory, or one of its files is damaged; or another run was
            not asked the same questions.
    """
    run = load_run(Path(path))
    for other in others:
        run = beside(run, Path(other))
    names = "-".join(Path(other).resolve().name for other in others)
    target = run.path / (f"report-with-{names}.html" if others else "report.html")
    with replacing(target) as file:
        file.write(render(run).encode(errors="replace"))
    if not others and run.whole and run.results.scores.get("student"):
        with replacing(run.path / "MODEL_CARD.md") as file:
            file.write(render_card(run).encode())
    return target
