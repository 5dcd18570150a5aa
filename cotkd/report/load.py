"""Reads a run directory as the report needs it; every part may be absent.

    results.json  config.yaml  manifest.json
    samples/*.jsonl                        what the teacher wrote, word for word
    rounds/NNN/questions.jsonl  rationales.jsonl  dropped.jsonl  filter.json  ARM/training.json
    evaluation/questions/SUITE.jsonl  evaluation/ARM/SUITE.jsonl

A row of `dropped.jsonl` says why a rationale did not become data:

    {"question_id": "microgsm-train-00007", "stream": "3f2a9c01d4e5", "sample_index": 2,
     "filter": "correct", "reason": "wrong"}

A run over several seeds has only `results.json` at its top; its other parts are those of its first
seed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cotkd.config import describe
from cotkd.errors import DataError
from cotkd.evaluation.compare import read_arms
from cotkd.evaluation.results import DataCounts, Results
from cotkd.evaluation.run import QUESTIONS, suite_file
from cotkd.evaluation.vote import vote
from cotkd.report.wording import by_arm
from cotkd.store.rows import read_json, read_rows
from cotkd.types import (
    Completion,
    Drop,
    Key,
    Prediction,
    Question,
    Rationale,
    Row,
    TokenValues,
)

R = TypeVar("R", bound=Row)


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
    curves: dict[str, list[tuple[float, float]]]
    """Training loss by arm, as (step, loss)."""


@dataclass(frozen=True)
class Run:
    """Everything of a run directory that the report shows."""

    path: Path
    results: Results
    config: dict[str, Any] = field(default_factory=dict)
    manifest: dict[str, Any] = field(default_factory=dict)
    rounds: list[Round] = field(default_factory=list)
    texts: dict[Key, str] = field(default_factory=dict)
    suites: dict[str, dict[str, Question]] = field(default_factory=dict)
    predictions: dict[str, dict[str, list[Prediction]]] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The recipe's name, or the directory's where there is no recipe."""
        return self.results.recipe or self.path.resolve().name


def load_run(path: Path) -> Run:
    """Read what there is of a run directory.

    Raises:
        DataError: `path` holds neither results nor rationales nor predictions, or a damaged file.
    """
    found = Results.read(path) if (path / "results.json").exists() else None
    parts = path
    if found is not None and found.seeds and not (path / "rounds").exists():
        parts = path / f"seed-{found.seeds[0]}"
    rounds = [_round(folder) for folder in sorted(parts.glob("rounds/[0-9]*"))]
    predictions = read_arms(parts / "evaluation")
    if found is None and not predictions and not any(r.rationales for r in rounds):
        raise DataError(
            f"{path} holds no results.json, no rounds/*/rationales.jsonl and no evaluation/: "
            "is it a run directory?"
        )
    return Run(
        path=path,
        results=found or Results(data=count(rounds[-1]) if rounds else DataCounts()),
        config=_yaml(parts / "config.yaml"),
        manifest=_object(parts / "manifest.json"),
        rounds=rounds,
        texts=_texts(parts / "samples"),
        suites=_suites(parts / "evaluation", predictions),
        predictions=predictions,
    )


def count(found: Round) -> DataCounts:
    """Return the counts of a round from its rows, where no results.json holds them."""
    statuses = [rationale.verdict.status for rationale in found.rationales]
    return DataCounts(
        questions=len(found.questions) or len({row.question_id for row in found.rationales}),
        sampled=len(statuses),
        correct=statuses.count("correct"),
        wrong=statuses.count("wrong"),
        unparsed=statuses.count("unparsed"),
        kept=len(statuses) - len(found.drops),
        vote=vote(found.rationales),
    )


def _round(folder: Path) -> Round:
    drops = _rows(folder / "dropped.jsonl", Drop)
    return Round(
        number=int(folder.name),
        questions={row.id: row for row in _rows(folder / "questions.jsonl", Question)},
        rationales=_rows(folder / "rationales.jsonl", Rationale),
        drops={row.key: row for row in drops},
        funnel=_funnel(folder / "filter.json"),
        tokens={row.key: row.tokens for row in _rows(folder / "tokens.jsonl", TokenValues)},
        curves=_curves(folder),
    )


def _rows(path: Path, row: type[R]) -> list[R]:
    return list(read_rows(path, row)) if path.exists() else []


def _object(path: Path) -> dict[str, Any]:
    value = read_json(path) if path.exists() else {}
    if not isinstance(value, dict):
        raise DataError(f"{path}: expected a JSON object, found {type(value).__name__}")
    return value


def _yaml(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        value = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DataError(f"{path}: not readable as YAML ({str(error).splitlines()[0]})") from None
    return value if isinstance(value, dict) else {}


def _funnel(path: Path) -> Funnel | None:
    if not path.exists():
        return None
    try:
        return Funnel.model_validate(_object(path))
    except ValidationError as error:
        raise DataError(f"{path}: {describe(error, Funnel)}") from None


def _curves(folder: Path) -> dict[str, list[tuple[float, float]]]:
    """Read the losses of `ARM/training.json`; the student comes first."""
    curves = {}
    for path in sorted(folder.glob("*/training.json"), key=lambda path: by_arm(path.parent.name)):
        try:
            pairs = _object(path).get("losses") or []
            curves[path.parent.name] = [(float(step), float(loss)) for step, loss in pairs]
        except (TypeError, ValueError):
            raise DataError(f"{path}: losses is not a list of [step, loss]") from None
    return curves


def _texts(folder: Path) -> dict[Key, str]:
    """Return what the teacher wrote, by key; the last line of a shard may be half-written."""
    return {
        row.key: row.text
        for path in sorted(folder.glob("*.jsonl"))
        for row in read_rows(path, Completion, on_bad_row="skip")
    }


def _suites(
    evaluation: Path, predictions: dict[str, dict[str, list[Prediction]]]
) -> dict[str, dict[str, Question]]:
    suites: dict[str, dict[str, Question]] = {}
    for by_suite in predictions.values():
        for suite in by_suite:
            if suite not in suites:
                rows = _rows(suite_file(evaluation, QUESTIONS, suite), Question)
                suites[suite] = {row.id: row for row in rows}
    return suites
