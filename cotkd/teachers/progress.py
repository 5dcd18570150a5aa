"""The progress bar of sampling: done, tokens per second, time left; silent where nobody watches."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress


class SamplingProgress:
    """A bar on standard error while a terminal is attached to it; otherwise nothing at all."""

    def __init__(self, label: str, *, total: int, done: int, shown: bool) -> None:
        self._bar = _bar() if shown and sys.stderr.isatty() else None
        self._tokens = 0
        self._start = time.monotonic()
        if self._bar is not None:
            self._task = self._bar.add_task(label, total=total, completed=done, speed="")

    def advance(self, samples: int, *, tokens: int) -> None:
        """Count a finished batch."""
        self._tokens += tokens
        if self._bar is not None:
            seconds = max(time.monotonic() - self._start, 1e-9)
            speed = f"{self._tokens / seconds:,.0f} tokens/s"
            self._bar.update(self._task, advance=samples, speed=speed)

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


def _bar() -> Progress:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
