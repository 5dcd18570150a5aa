"""What a run found out, as its `results.json` says it."""

from __future__ import annotations

from cotkd.evaluation.compare import PAIRS, compare_arms
from cotkd.evaluation.counts import data_counts
from cotkd.evaluation.results import ModelRecord, Results, SamplingRecord, Tokens, TrainingRecord
from cotkd.measuring.scores import oracles_of
from cotkd.stages.fit import Arm
from cotkd.stages.state import State
from cotkd.students.student import sizes
from cotkd.teachers.base import Engine


def conclude(state: State, engine: Engine) -> Results:
    """Return everything the run found out."""
    config, selection = state.config, state.selection
    assert selection is not None
    student = state.arms[0].student
    return Results(
        recipe=config.recipe,
        method=config.method.kind,
        seed=config.seed,
        data=data_counts(
            state.questions,
            state.rationales,
            kept=len(selection.kept),
            dropped=selection.funnel.dropped,
        ),
        models={
            "teacher": ModelRecord(name=engine.name, parameters=engine.parameters),
            "student": ModelRecord(name=config.student.model, **sizes(student)),
        },
        scores=state.scores,
        oracles=tuple(name for arm in state.arms for name in oracles_of(arm.method, arm.name)),
        training={arm.name: _training(arm) for arm in state.arms},
        comparisons=compare_arms(
            state.directory.evaluation,
            suites=list(state.scores[state.arms[0].name]),
            pairs=[*PAIRS, *_head_pairs(state)],
        ),
        seconds=state.directory.seconds,
        tokens=Tokens(
            prompt=sum(row.prompt_tokens for row in state.completions),
            completion=sum(row.completion_tokens for row in state.completions),
        ),
        sampling=_sampling(state),
        leaks=state.leaks,
    )


def _head_pairs(state: State) -> list[tuple[str, str]]:
    """Return the comparisons of the student's other heads with the baseline."""
    first = state.arms[0]
    return [(f"{first.name}:{head}", "baseline") for head in list(first.method.heads)[1:]]


def _sampling(state: State) -> SamplingRecord:
    prices = state.config.budget.prices
    cost = None
    if prices:
        cost = sum(p.of(r for r in state.completions if r.teacher == n) for n, p in prices.items())
    return SamplingRecord(**state.directory.manifest.get("sampling", {}), cost=cost)


def _training(arm: Arm) -> TrainingRecord:
    fields = TrainingRecord.model_fields
    return TrainingRecord(**{k: v for k, v in arm.training if k in fields})
