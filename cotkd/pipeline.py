"""A run from questions to report: the stages in order. Read this file first.

    questions → teacher samples → verified rationales → kept rationales → examples → student
              → predictions in and out of distribution → results.json, report.html, MODEL_CARD.md

Each stage reads rows and writes rows into the run directory; what is there already is not done
again, so the same command continues where it was stopped.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import Field

from cotkd.baseline import rationales_of_baseline
from cotkd.config import Config
from cotkd.counts import data_counts
from cotkd.errors import BudgetReached, DataError, SettingError, SettingsChanged
from cotkd.evaluation.compare import PAIRS, compare_arms
from cotkd.evaluation.pool import pool
from cotkd.evaluation.results import (
    Leak,
    ModelRecord,
    Results,
    SamplingRecord,
    SuiteScore,
    Tokens,
    TrainingRecord,
)
from cotkd.filters.base import Filter
from cotkd.filters.decontaminate import Decontaminate
from cotkd.filters.select import Selection
from cotkd.filters.within import Within
from cotkd.measurement import (
    EvaluationConfig,
    Suite,
    leaks_of,
    load_suites,
    measure,
    measure_heads,
    oracles_of,
    teacher_answers,
    verifier_for,
)
from cotkd.methods.answer_only import AnswerOnly
from cotkd.methods.base import Asking, Method
from cotkd.methods.fine_tune_cot import FineTuneCot
from cotkd.probing import Prober
from cotkd.questions.load import QuestionsConfig, load_questions
from cotkd.report import write_report
from cotkd.stages import Arm, StudentConfig, collect, curate, fit
from cotkd.store.fingerprint import fingerprint
from cotkd.store.rows import write_json
from cotkd.store.run import RunDirectory
from cotkd.students.members import sizes
from cotkd.teachers.base import Engine, Teacher
from cotkd.teachers.budget import Budget, Meter
from cotkd.teachers.sampler import Adaptive
from cotkd.teachers.sampling import Sampling
from cotkd.teachers.transformers import TransformersTeacher
from cotkd.training.settings import Training
from cotkd.types import Completion, Question, Rationale
from cotkd.verify import Verifier

log = logging.getLogger(__name__)


class RunConfig(Config):
    """All settings of a run; a recipe is a YAML file of them."""

    recipe: str = ""
    """Name of the recipe that these settings came from."""
    method: Method = FineTuneCot()
    """Which paper's method, with its own settings."""
    baseline: Method | None = AnswerOnly()
    """Trained from the same base on the same number of processed tokens, on the kept rationales
    that its own filters let through too; null for none."""
    questions: QuestionsConfig = QuestionsConfig(name="microgsm:train")
    """Training questions."""
    teacher: Teacher = TransformersTeacher(model="microgsm-teacher")
    """The model that is asked for rationales."""
    sampling: Sampling = Sampling()
    """How the teacher is sampled."""
    samples: int = Field(4, ge=1)
    """Rationales sampled per question."""
    adaptive: Adaptive | None = None
    """Ask a question no more once it has enough right rationales; null asks all `samples`."""
    budget: Budget = Budget()
    """When sampling stops early; a larger budget goes on. It may change between two starts."""
    cache: bool = True
    """Take over samples that other runs on this machine have made with the same settings."""
    wrong: Path | None = None
    """A run directory whose wrong answers `contrastive` with `against: sample` contrasts with."""
    verifier: Verifier | None = None
    """What decides right or wrong; null takes the one that the question set asks for."""
    student: StudentConfig = StudentConfig()
    """The model that is trained."""
    training: Training = Training()
    """How students are trained; the same for every arm."""
    evaluation: EvaluationConfig = EvaluationConfig()
    """What is measured."""
    seed: int = Field(0, ge=0)
    """Seed of sampling and of training."""


@dataclass
class State:
    """What a run has found out so far; each stage below adds its part."""

    config: RunConfig
    directory: RunDirectory
    questions: dict[str, Question]
    completions: list[Completion] = field(default_factory=list)
    streams: dict[str, frozenset[str]] = field(default_factory=dict)
    """Streams on disk by the method's name for them."""
    rationales: list[Rationale] = field(default_factory=list)
    selection: Selection | None = None
    arms: list[Arm] = field(default_factory=list)
    scores: dict[str, dict[str, SuiteScore]] = field(default_factory=dict)
    leaks: dict[str, Leak] | None = None

    @property
    def verifier(self) -> Verifier:
        """What decides right or wrong."""
        return self.config.verifier or verifier_for(self.config.questions)

    @contextmanager
    def timed(self, stage: str, what: str) -> Iterator[None]:
        """Log one line for the block and add its wall-clock time to the run's `seconds[stage]`."""
        log.info("%s: %s", stage, what)
        start = time.monotonic()
        try:
            yield
        finally:
            self.directory.add_seconds(stage, time.monotonic() - start)


def run(config: RunConfig, *, out: Path) -> Results:
    """Do every stage of `config` that is not yet done in `out`, and return the results.

    Raises:
        SettingsChanged: `out` holds a run with other settings.
        RunLocked: another process is working in `out`.
        DataError: no rationale survived the filters.
        BudgetReached: sampling stopped at its budget.
    """
    with RunDirectory.open(out, lasting(config)) as directory:
        questions = {question.id: question for question in load_questions(config.questions)}
        directory.pin(questions=fingerprint(list(questions.values())))
        state = State(config, directory, questions)
        with config.teacher.open() as engine:
            for number in config.method.rounds():
                _collect(state, engine)
                _curate(state, engine, number)
                _fit(state, number)
            _measure(state, engine)
            results = _conclude(state, engine)
        write_json(directory.path / "results.json", results.dump())
        write_report(directory.path)
    return results


def lasting(config: Config) -> dict[str, Any]:
    """Return the settings that must stay the same when a run is continued."""
    return {k: v for k, v in config.dump().items() if k not in ("budget", "cache")}


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
        return chosen.model_copy(update={"suites": config.evaluation.suites})
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
    suites = load_suites(settings.suites)
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


def _conclude(state: State, engine: Engine) -> Results:
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
