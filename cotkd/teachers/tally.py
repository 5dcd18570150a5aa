"""What a call of the sampler did, in numbers."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Tally:
    """What one call of the sampler did."""

    made: int = 0
    """Samples made now."""
    there: int = 0
    """Samples that were there from an earlier start."""
    reused: int = 0
    """Samples taken from the cache of other runs."""
    spared: int = 0
    """Samples not asked for, because their questions had enough right ones."""
    failed: int = 0
    """Samples made now that failed."""
    tokens: int = 0
    """Tokens read and written for this run, earlier starts included where a budget counts them."""
    cost: float = 0.0
    """What they cost by the budget's prices."""
    stopped: str | None = None
    """The budget that ended the sampling; None if it was finished."""
    errors: dict[str, int] = field(default_factory=dict)
    """Attempts that failed and were made again, by kind."""
