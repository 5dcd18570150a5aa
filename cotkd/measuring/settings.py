"""What a student is measured on."""

from __future__ import annotations

from pydantic import Field

from cotkd.evaluation.settings import Probes
from cotkd.questions.load import FileFields
from cotkd.verify import Verifier


class SuiteSettings(FileFields):
    """How files among the suites are read and judged; registered sets say that themselves."""

    verifier: Verifier | None = None
    """What decides right or wrong in files among the suites; null is numeric. Registered sets keep
    theirs."""


class EvaluationConfig(Probes, SuiteSettings):
    """What the student is measured on; a test split decides nothing in a run."""

    suites: tuple[str, ...] = ("microgsm",)
    """Suites or groups of them (`cotkd suites` lists both), in distribution first;
    `NAME:SPLIT[:N]` takes the first N questions of a split. Files of questions are suites too."""
    dev: str | None = None
    """Questions on which the checkpoint is chosen; null takes the last checkpoint."""
    max_tokens: int = Field(256, ge=1)
    """Most tokens that a student may write per answer."""
    teacher: bool = True
    """Measure the teacher on the same questions, greedily."""
