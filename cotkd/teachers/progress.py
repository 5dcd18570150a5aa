"""The live line of sampling: done, tokens per second, cost, failures, time left."""

from __future__ import annotations

import logging
import sys
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress

log = logging.getLogger(__name__)

_SILENCE = 60.0
"""Seconds between two lines where there is no terminal."""


class SamplingProgress:
    """A bar on standard error while a terminal is attached to it, else a log line each minute."""

    def __init__(self, label: str, *, total: int, shown: bool, priced: bool = False) -> None:
        self._label, self._total, self._priced = label, total, priced
        self._bar = _bar() if shown and sys.stderr.isatty() else None
        self._done = self._made = self._tokens = 0
        self._start = self._told = time.monotonic()
        if self._bar is not None:
            self._task = self._bar.add_task(label, total=total, facts="")

    def grow(self, samples: int) -> None:
        """Change the number of samples that there will be."""
        self._total += samples
        if self._bar is not None:
            self._bar.update(self._task, total=self._total)

    def advance(
        self, samples: int, *, tokens: int | None = None, cost: float = 0.0, failed: int = 0
    ) -> None:
        """Count finished samples; `tokens` is None for those that were there before."""
        self._done += samples
        if tokens is not None:
            self._made += samples
            self._tokens += tokens
        facts = self._facts(cost, failed) if self._made else ""
        if self._bar is not None:
            self._bar.update(self._task, advance=samples, facts=facts)
        elif time.monotonic() - self._told >= _SILENCE:
            self._told = time.monotonic()
            log.info("%s: %d of %d done, %s", self._label, self._done, self._total, facts)

    def _facts(self, cost: float, failed: int) -> str:
        seconds = max(time.monotonic() - self._start, 1e-9)
        facts = [f"{self._tokens / seconds:,.0f} tokens/s"]
        if self._priced:
            facts.append(f"cost {cost:.2f}")
        if failed:
            facts.append(f"{failed / (failed + self._made):.1%} of attempts failed")
        return ", ".join(facts)

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
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
        TextColumn("{task.fields[facts]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
