"""What sampling may use up, and what it has used so far.

    Budget(tokens=2_000_000)
    Budget(cost=5.0, prices={"gpt-4o-mini": Price(prompt=0.15, completion=0.60)})

A budget ends sampling between two batches: what was begun is finished and kept, so that it is
overdrawn by a batch at most, and the same command with a larger budget goes on. Tokens and cost
count every sample of the run, those of earlier starts too; minutes count this start alone.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from cotkd.config import Config
from cotkd.errors import SettingError, first_line
from cotkd.types import Completion


class Price(Config):
    """What a teacher charges for a million tokens, in any one currency."""

    prompt: float = Field(0.0, ge=0, allow_inf_nan=False)
    """For a million tokens read."""
    completion: float = Field(0.0, ge=0, allow_inf_nan=False)
    """For a million tokens written, thinking included."""

    def of(self, rows: Iterable[Completion]) -> float:
        """Return what the rows cost."""
        read = written = 0
        for row in rows:
            read += row.prompt_tokens
            written += row.completion_tokens
        return (read * self.prompt + written * self.completion) / 1e6


def _table(value: Any) -> Any:
    """Read a table of prices from the YAML file that is named instead of it."""
    if not isinstance(value, str | Path):
        return value
    import yaml

    try:
        return yaml.safe_load(Path(value).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = first_line(error)
        raise ValueError(f"not a readable table of prices: {value} ({reason})") from None


class Budget(Config):
    """Limits of sampling; each ends it, null is no limit."""

    tokens: int | None = Field(None, ge=1)
    """Tokens read and written."""
    cost: float | None = Field(None, gt=0, allow_inf_nan=False)
    """Money, in the currency of `prices`."""
    minutes: float | None = Field(None, gt=0, allow_inf_nan=False)
    """Time, counted from each start."""
    prices: Annotated[dict[str, Price], BeforeValidator(_table)] = {}
    """By the teacher's name, or a YAML file of it: `gpt-4o-mini: {prompt: 0.15, completion: 0.6}`;
    prices of a million tokens."""

    @property
    def counts_rows(self) -> bool:
        """Whether samples of earlier starts have to be counted."""
        return self.tokens is not None or self.cost is not None

    def check(self, teachers: Iterable[str]) -> None:
        """Raise `SettingError` where cost is limited and a teacher has no price."""
        for name in teachers:
            if self.cost is not None and name not in self.prices:
                known = ", ".join(self.prices) or "none"
                raise SettingError(
                    f"budget.cost needs a price of {name!r} in budget.prices (there: {known})"
                )


class Meter:
    """Counts what is used up, and says when a budget is reached."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._start = time.monotonic()
        self.tokens = 0
        self.cost = 0.0
        self.failed = 0

    def add(self, rows: Iterable[Completion]) -> None:
        """Count finished samples."""
        for row in rows:
            self.tokens += row.prompt_tokens + row.completion_tokens
            self.failed += row.finish_reason == "error"
            if price := self._budget.prices.get(row.teacher):
                self.cost += price.of([row])

    @property
    def reached(self) -> str | None:
        """Which limit is reached, in words, or None."""
        budget = self._budget
        if budget.tokens is not None and self.tokens >= budget.tokens:
            return f"{budget.tokens:,} tokens"
        if budget.cost is not None and self.cost >= budget.cost:
            return f"a cost of {budget.cost:g}"
        if budget.minutes is not None and time.monotonic() - self._start >= budget.minutes * 60:
            return f"{budget.minutes:g} minutes"
        return None
