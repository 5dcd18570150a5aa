"""A run as the report needs it; every part may be absent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cotkd.config import describe
from cotkd.errors import DataError
from cotkd.evaluation.results import Results
from cotkd.store.rows import read_object
from cotkd.types import Drop, Key, Prediction, Question, Rationale

Predictions = Mapping[str, Mapping[str, list[Prediction]]]


class Stage(BaseModel):
    """One filter of the funnel: what came in, what was kept, what was dropped by reason."""

    model_config = ConfigDict(frozen=True, validate_by_name=True)

    filter: str
    entered: int = Field(alias="in")
    kept: int
    dropped: dict[str, int] = Field(default_factory=dict)


class Funnel(BaseModel):
    """`filter.json`."""

    model_config = ConfigDict(frozen=True)

    input: int
    stages: tuple[Stage, ...] = ()
    kept: int


def read_funnel(path: Path) -> Funnel | None:
    """Return the funnel in a file, None where there is no file."""
    if not path.exists():
        return None
    try:
        return Funnel.model_validate(read_object(path))
    except ValidationError as error:
        raise DataError(f"{path}: {describe(error, Funnel)}") from None


class Curve(NamedTuple):
    """How a training went."""

    losses: list[tuple[float, float]]
    """(step, mean loss since the record before)."""
    scores: list[tuple[float, float]]
    """(step, accuracy on the development questions)."""


@dataclass(frozen=True)
class Round:
    """The data side of one round: questions, rationales in order, and what the filters did."""

    number: int
    questions: dict[str, Question]
    rationales: list[Rationale]
    drops: dict[Key, Drop]
    funnel: Funnel | None
    tokens: dict[Key, tuple[tuple[str, float], ...]]
    """What a filter's model says of each token, of the rationales that it says it of."""
    curves: dict[str, Curve]
    """Training by arm, or by member of an arm: `student`, `student/solver`."""


@dataclass(frozen=True)
class Run:
    """Everything of a run directory that the report shows."""

    path: Path
    results: Results
    whole: bool = True
    """Whether there is a results.json; otherwise `results` is what the rows tell."""
    config: dict[str, Any] = field(default_factory=dict)
    manifest: dict[str, Any] = field(default_factory=dict)
    rounds: list[Round] = field(default_factory=list)
    texts: dict[Key, str] = field(default_factory=dict)
    cut: frozenset[Key] = frozenset()
    """Samples that ended at the token limit."""
    members: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By arm, the models that answer together."""
    labels: dict[str, str] = field(default_factory=dict)
    """What else is said of arms that come from other runs."""
    suites: dict[str, dict[str, Question]] = field(default_factory=dict)
    predictions: Predictions = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The recipe's name, or the directory's where there is no recipe."""
        return self.results.recipe or self.path.resolve().name
