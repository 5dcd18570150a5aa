"""A run from questions to report: the stages in order. Read this file first.

    questions → teacher samples → verified rationales → kept rationales → examples → student
              → predictions in and out of distribution → results.json, report.html, MODEL_CARD.md

Each stage reads rows and writes rows into the run directory; what is there already is not done
again, so the same command continues where it was stopped.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from cotkd.errors import BudgetReached, DataError, SettingError, SettingsChanged
from cotkd.evaluation.pool import pool
from cotkd.evaluation.results import Results
from cotkd.filters.base import Filter
from cotkd.filters.decontaminate import Decontaminate
from cotkd.filters.within import Within
from cotkd.measuring.answers import teacher_answers
from cotkd.measuring.probes import Prober
from cotkd.measuring.scores import measure, measure_heads
from cotkd.measuring.suites import Suite, leaks_of, load_suites
from cotkd.methods.base import Asking
from cotkd.questions.load import fields_of, load_questions
from cotkd.report import write_report
from cotkd.stages.baseline import rationales_of_baseline
from cotkd.stages.collect import collect
from cotkd.stages.conclusion import conclude
from cotkd.stages.curate import curate
from cotkd.stages.fit import fit
from cotkd.stages.settings import RunConfig, lasting
from cotkd.stages.state import State
from cotkd.store.fingerprint import fingerprint
from cotkd.store.rows import write_json
from cotkd.store.run import RunDirectory
from cotkd.store.spelling import as_begun
from cotkd.teachers.base import Engine
from cotkd.teachers.budget import Meter
from cotkd.types import Question

log = logging.getLogger(__name__)


def run(config: RunConfig, *, out: Path) -> Results:
    """Do every stage of `config` that is not yet done in `out`, and return the results.

    Raises:
        SettingsChanged: `out` holds a run with other settings.
        RunLocked: another process is working in `out`.
        DataError: no rationale survived the filters.
        BudgetReached: sampling stopped at its budget.
    """
    with (
        as_begun(config, out) as (config, place),
        RunDirectory.open(place, lasting(config)) as directory,
    ):
        questions = {question.id: question for question in load_questions(config.questions)}
        directory.pin(questions=fingerprint(list(questions.values())))
        state = State(config, directory, questions)
        with config.teacher.open() as engine:
            for number in config.method.rounds():
                _collect(state, engine)
                _curate(state, engine, number)
                _fit(state, number)
            _measure(state, engine)
            results = conclude(state, engine)
        write_json(directory.path / "results.json", results.dump())
        write_report(directory.path)
    return results


def run_seeds(config: RunConfig, *, out: Path, seeds: Sequence[int]) -> Results:
    """Repeat a run with each seed in `out/seed-N` and pool them, with intervals over seeds."""
    if len(set(seeds)) != len(seeds) or not seeds:
        raise SettingError(f"seeds must be given and differ, got {list(seeds)}")
    if len(seeds) > 1 and (out / "samples").exists():
        raise SettingsChanged(f"{out} holds a run of one seed: choose another --out")
    if len(seeds) == 1 and any(out.glob("seed-*")):
        raise SettingsChanged(f"{out} holds a run over several seeds: choose another --out")
    if len(seeds) == 1:
        return run(config.model_copy(update={"seed": seeds[0]}), out=out)
    each = [
        run(config.model_copy(update={"seed": seed}), out=out / f"seed-{seed}") for seed in seeds
    ]
    pooled = pool(each, evaluations=[out / f"seed-{seed}" / "evaluation" for seed in seeds])
    write_json(out / "results.json", pooled.dump())
    write_report(out)
    return pooled


def _collect(state: State, engine: Engine) -> None:
    """Ask the teacher for rationales, stream after stream: `samples/`."""
    config = state.config
    state.streams, completions = {}, []
    meter = Meter(config.budget)
    for asking in config.method.streams:
        what = f"{len(state.questions)} questions x {config.samples} {asking.name}".strip()
        with state.timed("sample", what):
            sampler, tally = collect(
                list(state.questions.values()),
                engine,
                state.directory,
                samples=config.samples,
                sampling=config.sampling,
                elicitation=asking.elicitation,
                seed=config.seed,
                verifier=state.verifier,
                adaptive=config.adaptive,
                budget=config.budget,
                cache=config.cache,
                wrong=config.wrong,
                conditions=_told(asking, state.questions),
                meter=meter,
            )
            rows = sampler.rows()
        completions += rows
        state.streams[asking.name] = frozenset(row.stream for row in rows)
        if tally.stopped:
            raise BudgetReached(
                f"sampling stopped at the budget of {tally.stopped} with {len(completions)} "
                f"samples, all kept in {state.directory.path}: the same command with a larger "
                "budget goes on from there"
            )
    state.completions = completions


def _told(asking: Asking, questions: Mapping[str, Question]) -> dict[str, str] | None:
    """Return the answers that the prompts of a stream state; None leaves it to the elicitation."""
    if asking.told is None:
        return None
    return {question.id: asking.told(question) for question in questions.values()}


def _curate(state: State, engine: Engine, number: int) -> None:
    """Verify every completion and keep what the method's filters let through: `rounds/`."""
    config = state.config
    folder = state.directory.round(number)
    with state.timed("verify", f"{len(state.completions)} completions"):
        state.rationales, state.selection = curate(
            state.completions,
            state.questions,
            verifier=state.verifier,
            filters=_filters(state),
            folder=folder,
            scorer=engine if "score" in engine.abilities else None,
            reasoning=config.method.elicitation.reasoning,
        )
    funnel = state.selection.funnel
    if config.method.is_left_without(funnel.kept, funnel.input):
        reasons = ", ".join(f"{count} {reason}" for reason, count in funnel.dropped.items())
        raise DataError(
            f"none of {funnel.input} rationales survived the filters ({reasons}): "
            f"look at {folder / 'rationales.jsonl'}, or relax method.filters"
        )


def _filters(state: State) -> list[Filter]:
    """Return the filters of each stream, which see no other rationales, then the method's."""
    method = state.config.method
    own: list[Filter] = [
        Within.around(asking.name, state.streams[asking.name], _for_run(chosen, state.config))
        for asking in method.streams
        for chosen in asking.filters
    ]
    return [*own, *(_for_run(chosen, state.config) for chosen in method.filters)]


def _for_run(chosen: Filter, config: RunConfig) -> Filter:
    """Return a filter with what it leaves to the run: the suites that data must not overlap."""
    if isinstance(chosen, Decontaminate) and chosen.suites is None:
        files = fields_of(config.evaluation)
        return chosen.model_copy(update={"suites": config.evaluation.suites, "files": files})
    return chosen


def _fit(state: State, number: int) -> None:
    """Train the student, then the baseline on as many processed tokens."""
    config = state.config
    training = config.training.model_copy(update={"seed": config.training.seed + config.seed})
    arms = [("student", config.method)]
    if config.baseline is not None:
        arms.append(("baseline", config.baseline))
    assert state.selection is not None
    state.arms = []
    for name, method in arms:
        kept = state.selection.kept
        if name == "baseline":
            kept = rationales_of_baseline(method, state.selection, state.questions)
        with state.timed("train", f"{name} ({method.kind}) from {config.student.model}"):
            arm = fit(
                name,
                method,
                state.questions,
                kept,
                base=config.student,
                training=training,
                evaluation=config.evaluation,
                folder=state.directory.round(number),
            )
        state.arms.append(arm)
        training = training.model_copy(
            update={"processed_tokens": state.arms[0].training.processed_tokens}
        )


def _measure(state: State, engine: Engine) -> None:
    """Answer every suite greedily with each arm and with the teacher: `evaluation/`."""
    config, settings = state.config, state.config.evaluation
    suites = load_suites(settings.suites, settings)
    _check_leaks(state, suites)
    out, most = state.directory.evaluation, settings.max_tokens
    base, seed = config.student.model, config.seed
    probe = Prober(settings, base=base, taught=settings.dev, training=config.training, seed=seed)
    for arm in state.arms:
        with state.timed("evaluate", f"{arm.name} on {len(suites)} suites"):
            state.scores |= measure_heads(
                arm.student, arm.method, suites, most, out=out, label=arm.name, probe=probe
            )
    if settings.teacher:
        answer = teacher_answers(
            engine, state.config.method.elicitation, config.sampling.max_tokens
        )
        with state.timed("evaluate", f"teacher on {len(suites)} suites"):
            state.scores["teacher"] = measure(answer, suites, out=out, label="teacher")


def _check_leaks(state: State, suites: Mapping[str, Suite]) -> None:
    """Look for questions of suites among the training examples of all arms and rounds."""
    files = sorted(state.directory.path.glob("rounds/*/examples/*.jsonl"))
    state.leaks, said = leaks_of(suites, files)
    for line in said:
        log.warning(line)
