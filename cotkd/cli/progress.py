"""How far a command has come, on standard error.

with Progress("verify", total=12_000, unit="texts") as progress:
    progress.advance(1_000)
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

T = TypeVar("T")

SILENCE = 60.0
"""Seconds between two lines where there is no terminal."""


class Progress:
    """A bar while a terminal is attached to standard error, else a line each minute.

    Args:
        label: What is going on.
        total: How much there is of it.
        unit: Of what.
    """

    def __init__(self, label: str, *, total: int, unit: str) -> None:
        self._label, self._total, self._unit = label, total, unit
        self._done = 0
        self._start = self._told = time.monotonic()
        self._bar = _bar() if sys.stderr.isatty() else None
        if self._bar is not None:
            self._task = self._bar.add_task(label, total=total)

    def advance(self, count: int) -> None:
        """Count what has been done."""
        self._done += count
        if self._bar is not None:
            self._bar.update(self._task, advance=count)
        elif time.monotonic() - self._told >= SILENCE:
            self._told = time.monotonic()
            print(self._line(), file=sys.stderr, flush=True)

    def _line(self) -> str:
        rate = self._done / max(time.monotonic() - self._start, 1e-9)
        left = (self._total - self._done) / max(rate, 1e-9)
        return (
            f"{self._label}: {self._done} of {self._total} {self._unit} done, "
            f"{rate:,.0f} a second, {left / 60:.0f} minutes left"
        )

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


def watched(items: Sequence[T], label: str, *, unit: str) -> Iterator[T]:
    """Yield the items, and show how many have been."""
    with Progress(label, total=len(items), unit=unit) as progress:
        for item in items:
            yield item
            progress.advance(1)


def _bar() -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Bar(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True)
