"""What a student is measured on."""

from __future__ import annotations

from pydantic import Field

from cotkd.evaluation.settings import Probes


class EvaluationConfig(Probes):
    """What the student is measured on; a test split decides nothing in a run."""

    suites: tuple[str, ...] = ("microgsm",)
    """Suites or groups of them (`cotkd suites` lists both), in distribution first;
    `NAME:SPLIT[:N]` takes the first N questions of a split."""
    dev: str | None = None
    """Questions on which the checkpoint is chosen; null takes the last checkpoint."""
    max_tokens: int = Field(256, ge=1)
    """Most tokens that a student may write per answer."""
    teacher: bool = True
    """Measure the teacher on the same questions, greedily."""
