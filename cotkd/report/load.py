"""Reads a run directory as the report needs it; every part may be absent.

    results.json  config.yaml  manifest.json
    samples/*.jsonl                        what the teacher wrote, word for word
    rounds/NNN/questions.jsonl  rationales.jsonl  dropped.jsonl  tokens.jsonl  filter.json
    rounds/NNN/ARM/training.json  members.json  MEMBER/training.json
    evaluation/questions/SUITE.jsonl  evaluation/ARM/SUITE.jsonl

A row of `dropped.jsonl` says why a rationale did not become data:

    {"question_id": "microgsm-train-00007", "stream": "3f2a9c01d4e5", "sample_index": 2,
     "filter": "correct", "reason": "wrong"}

A run over several seeds has only `results.json` at its top; its other parts are those of its first
seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from cotkd.errors import DataError
from cotkd.evaluation.compare import compare_arms, read_arms
from cotkd.evaluation.counts import data_counts
from cotkd.evaluation.results import DataCounts, ModelRecord, Results
from cotkd.evaluation.run import QUESTIONS, suite_file
from cotkd.report.facts import part
from cotkd.report.missing import in_order, scores_of
from cotkd.report.run import Curve, Predictions, Round, Run, read_funnel
from cotkd.report.wording import by_arm
from cotkd.store.manifest import SCHEMA as MANIFEST
from cotkd.store.rows import read_object, read_rows, read_yaml
from cotkd.types import Completion, Drop, Key, Question, Rationale, Row, TokenValues

R = TypeVar("R", bound=Row)


def load_run(path: Path) -> Run:
    """Read what there is of a run directory.

    Raises:
        DataError: `path` holds no part of a run, or a damaged file or one of another version.
    """
    if not path.is_dir():
        raise DataError(f"{path} is no directory: give the directory of a run")
    found = Results.read(path) if (path / "results.json").exists() else None
    parts = path
    if found is not None and found.seeds and not (path / "rounds").exists():
        parts = path / f"seed-{found.seeds[0]}"
    folders = sorted(parts.glob("rounds/[0-9]*"))
    rounds = [_round(folder) for folder in folders]
    config = read_yaml(parts / "config.yaml")
    predictions = in_order(read_arms(parts / "evaluation"), config)
    suites = _suites(parts / "evaluation", predictions)
    texts, cut = _texts(parts / "samples")
    if found is None and not (predictions or texts or any(r.rationales for r in rounds)):
        raise DataError(
            f"{path} holds no results.json, no samples/, no rounds/*/rationales.jsonl and no "
            "evaluation/: is it a run directory?"
        )
    return Run(
        path=path,
        results=found or _interim(parts, config, rounds, predictions, suites),
        whole=found is not None,
        config=config,
        manifest=_manifest(parts / "manifest.json"),
        rounds=rounds,
        texts=texts,
        cut=cut,
        members=_members(folders),
        suites=suites,
        predictions=predictions,
    )


def _interim(
    parts: Path,
    config: dict[str, Any],
    rounds: list[Round],
    predictions: Predictions,
    suites: dict[str, dict[str, Question]],
) -> Results:
    """Return what the rows tell of a run that has no results.json."""
    return Results(
        recipe=str(config.get("recipe") or ""),
        method=str(part(config, "method").get("kind", "")),
        models={
            role: ModelRecord(name=str(name))
            for role in ("teacher", "student")
            if (name := part(config, role).get("model"))
        },
        data=count(rounds[-1]) if rounds else DataCounts(),
        scores=scores_of(predictions, suites),
        comparisons=compare_arms(parts / "evaluation", suites=list(suites)),
    )


def count(found: Round) -> DataCounts:
    """Return the counts of a round from its rows, where no results.json holds them."""
    kept = sum(rationale.key not in found.drops for rationale in found.rationales)
    return data_counts(found.questions, found.rationales, kept=kept)


def _round(folder: Path) -> Round:
    drops = _rows(folder / "dropped.jsonl", Drop)
    return Round(
        number=int(folder.name),
        questions={row.id: row for row in _rows(folder / "questions.jsonl", Question)},
        rationales=_rows(folder / "rationales.jsonl", Rationale),
        drops={row.key: row for row in drops},
        funnel=read_funnel(folder / "filter.json"),
        tokens={row.key: row.tokens for row in _rows(folder / "tokens.jsonl", TokenValues)},
        curves=_curves(folder),
    )


def _rows(path: Path, row: type[R]) -> list[R]:
    return list(read_rows(path, row)) if path.exists() else []


def _manifest(path: Path) -> dict[str, Any]:
    """Read the manifest; one of another version is refused, as its files may mean other things."""
    manifest = read_object(path)
    if manifest and manifest.get("schema") != MANIFEST:
        raise DataError(
            f"{path}: schema {manifest.get('schema')!r}, this version reads {MANIFEST}: make the "
            f"report with cotkd {manifest.get('cotkd', 'of that version')}, or run it again"
        )
    return manifest


def _curves(folder: Path) -> dict[str, Curve]:
    """Read every `training.json` of a round, of arms or of their members; the student first."""
    curves = {}
    for path in sorted(folder.glob("*/training.json"), key=lambda path: by_arm(path.parent.name)):
        members = sorted(path.parent.glob("*/training.json"))
        for each in members or [path]:
            name = each.parent.relative_to(folder).as_posix()
            curves[name] = _curve(each)
    return curves


def _curve(path: Path) -> Curve:
    record = read_object(path)
    lists = []
    for name in ("losses", "scores"):
        try:
            pairs = record.get(name) or []
            lists.append([(float(step), float(value)) for step, value in pairs])
        except (TypeError, ValueError):
            raise DataError(f"{path}: {name} is not a list of [step, value]") from None
    return Curve(*lists)


def _members(folders: Sequence[Path]) -> dict[str, tuple[str, ...]]:
    """Return the models of each arm of the last round that consists of several."""
    found = sorted(folders[-1].glob("*/members.json")) if folders else []
    return {path.parent.name: tuple(read_object(path)) for path in found}


def _texts(folder: Path) -> tuple[dict[Key, str], frozenset[Key]]:
    """Return what the teacher wrote, and what of it was cut off.

    The last line of a shard may be half-written.
    """
    texts: dict[Key, str] = {}
    cut: set[Key] = set()
    for path in sorted(folder.glob("*.jsonl")):
        for row in read_rows(path, Completion, on_bad_row="skip"):
            texts[row.key] = row.text
            if row.finish_reason == "length":
                cut.add(row.key)
    return texts, frozenset(cut)


def _suites(evaluation: Path, predictions: Predictions) -> dict[str, dict[str, Question]]:
    suites: dict[str, dict[str, Question]] = {}
    for by_suite in predictions.values():
        for suite in by_suite:
            if suite not in suites:
                rows = _rows(suite_file(evaluation, QUESTIONS, suite), Question)
                suites[suite] = {row.id: row for row in rows}
    return suites
