"""Asking the teacher for rationales, into a run's `samples/STREAM.jsonl`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cotkd.decoding.sampling import Sampling
from cotkd.errors import DataError
from cotkd.filters.distinct import Distinct
from cotkd.rationales.parse import parse
from cotkd.store.rows import read_rows
from cotkd.store.run import RunDirectory
from cotkd.teachers.adaptive import Adaptive, Judge
from cotkd.teachers.base import Engine
from cotkd.teachers.budget import Budget, Meter
from cotkd.teachers.cache import default_cache
from cotkd.teachers.elicitation import Elicitation
from cotkd.teachers.sampler import Sampler
from cotkd.teachers.tally import Tally
from cotkd.types import Completion, Question
from cotkd.verify import Verifier


def collect(
    questions: Sequence[Question],
    engine: Engine,
    directory: RunDirectory,
    *,
    samples: int,
    sampling: Sampling,
    elicitation: Elicitation,
    seed: int,
    verifier: Verifier,
    adaptive: Adaptive | None = None,
    budget: Budget | None = None,
    cache: bool = True,
    wrong: Path | None = None,
    conditions: Mapping[str, str] | None = None,
    meter: Meter | None = None,
) -> tuple[Sampler, Tally]:
    """Ask the teacher for rationales, into the directory's `samples/`.

    Returns the sampler, whose `rows()` are what was asked for, and what it did; the manifest adds
    that up over all starts. A budget that is reached is no error here: see `Tally.stopped`.
    `wrong` is a run directory whose wrong answers are held against the right ones; `conditions` are
    the answers that prompts state, by question id; a `meter` is shared by those of one budget.
    """
    by_id = {question.id: question for question in questions}
    sampler = Sampler(
        engine,
        questions,
        n=samples,
        rows=directory.samples,
        sampling=sampling,
        elicitation=elicitation,
        seed=seed,
        conditions=conditions,
        adaptive=adaptive,
        judge=judge_of(verifier),
        wrong=wrong_answers(wrong, by_id, verifier) if wrong else None,
        budget=budget,
        cache=default_cache() if cache else None,
        meter=meter,
    )
    try:
        tally = sampler.run()
    finally:
        _record(directory, sampler)
    return sampler, tally


def wrong_answers(
    run: Path, questions: Mapping[str, Question], verifier: Verifier
) -> dict[str, str]:
    """Return the first wrong answer that a sampled run gave to each question that has one."""
    files = sorted((run / "samples").glob("*.jsonl"))
    if not files:
        raise DataError(f"{run}: no samples there: give a directory that `cotkd sample` wrote")
    found: dict[str, str] = {}
    for row in (row for file in files for row in read_rows(file, Completion)):
        question = questions.get(row.question_id)
        if question is not None and row.question_id not in found:
            verdict = parse(row, question, verifier=verifier).verdict
            if verdict.status == "wrong" and verdict.extracted is not None:
                found[row.question_id] = verdict.extracted
    return found


def judge_of(verifier: Verifier) -> Judge:
    """Return what tells right samples, and names their reasoning by its list of equations.

    A teacher that was told an answer, be it a wrong one, is right where it arrives there.
    """
    reasoning = Distinct()

    def judge(question: Question, completion: Completion) -> str | None:
        if completion.condition is not None:
            question = question.model_copy(update={"answer": completion.condition})
        rationale = parse(completion, question, verifier=verifier)
        if rationale.verdict.status != "correct":
            return None
        return "\x1f".join(reasoning.key(rationale.text))

    return judge


def _record(directory: RunDirectory, sampler: Sampler) -> None:
    """Add what a start has done to the manifest; what was spared is known anew at each start."""
    before, tally = directory.manifest.get("sampling", {}), sampler.tally
    facts: dict[str, Any] = {
        name: before.get(name, 0) + getattr(tally, name) for name in ("made", "reused", "failed")
    }
    errors = Counter(before.get("errors", {}))
    errors.update(tally.errors)
    facts["errors"] = dict(errors)
    directory.record("spared", {sampler.stream: tally.spared})
    facts["spared"] = sum(directory.manifest["spared"].values())
    directory.record("sampling", facts)
