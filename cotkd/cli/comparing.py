"""`cotkd compare RUN RUN …`: one table over several runs, each compared with the first.

cotkd compare runs/direct runs/two_heads --format latex --out table.tex --plot pareto.png
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

from pydantic import Field

from cotkd.config import Config
from cotkd.errors import DataError, SettingError
from cotkd.evaluation.compare import DRAWS
from cotkd.evaluation.runs import RunComparison, compare_runs
from cotkd.report.comparison import comparison_table, rendered
from cotkd.report.pareto import draw_pareto, pareto_svg
from cotkd.settings.flags import override, print_help, split
from cotkd.store.atomic import replacing


class CompareSettings(Config):
    """Settings of `cotkd compare`."""

    arm: str = "student"
    """Whose answers are compared: student, baseline, teacher, or another head."""
    suites: tuple[str, ...] = ()
    """Suites of the table; none takes all."""
    allow_different_questions: bool = False
    """Compare runs that asked different questions, on those that they share."""
    format: Literal["text", "markdown", "latex", "csv", "html"] = "text"
    """How the table is written; html holds the plot as well."""
    out: Path | None = None
    """File of the table; null prints it."""
    plot: Path | None = None
    """File of the Pareto plot: .png, .svg or .pdf."""
    draws: int = Field(DRAWS, ge=100)
    """Bootstrap resamples."""
    seed: int = Field(0, ge=0)
    """Seed of the resampling."""


def compare(arguments: Sequence[str]) -> None:
    """`cotkd compare RUN RUN … [--format F] [--out FILE] [--plot FILE]`."""
    flags = split(arguments)
    settings = CompareSettings()
    if flags.pop("help"):
        print_help(settings, "cotkd compare RUN RUN …", "Compares each run with the first one.")
        return
    settings = override(settings, flags.values)
    if settings.format == "text" and settings.out is not None:
        raise SettingError("--out needs a --format: markdown, latex, csv or html")
    comparison = compare_runs(
        *flags.words,
        arm=settings.arm,
        suites=settings.suites or None,
        allow_different=settings.allow_different_questions,
        draws=settings.draws,
        seed=settings.seed,
    )
    if settings.plot is not None:
        draw_pareto(comparison, settings.plot)
    if settings.format == "text":
        from rich.console import Console

        Console().print(comparison_table(comparison).rich())
    else:
        _write(_text(comparison, settings), settings)
    if settings.plot is not None:
        print(f"plot     {settings.plot}")


def _text(comparison: RunComparison, settings: CompareSettings) -> str:
    assert settings.format != "text"
    drawn = None
    if settings.format == "html":
        with suppress(DataError):  # without costs there is nothing to draw
            drawn = pareto_svg(comparison)
    return rendered(comparison, settings.format, plot=drawn)


def _write(text: str, settings: CompareSettings) -> None:
    if settings.out is None:
        print(text, end="")
        return
    with replacing(settings.out) as file:
        file.write(text.encode())
    print(f"table    {settings.out}")
