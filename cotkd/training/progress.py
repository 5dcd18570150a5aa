"""The bar of a training: steps done, loss and time left, on a terminal only."""

from __future__ import annotations

import sys
from typing import Self


class Bar:
    """Shown while it is entered."""

    def __init__(self, title: str, steps: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

        columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        console = Console(stderr=True)
        self._progress = Progress(*columns, console=console, disable=not sys.stderr.isatty())
        self._title = title
        self._task = self._progress.add_task(title, total=steps)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def at(self, step: int) -> None:
        """Show that `step` steps are done."""
        self._progress.update(self._task, completed=step)

    def loss(self, value: float) -> None:
        """Show the newest loss."""
        self._progress.update(self._task, description=f"{self._title}, loss {value:.3f}")
