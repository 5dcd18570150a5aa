"""A run from questions to report: the stages in order. Read this file first.

    questions → teacher samples → verified rationales → kept rationales → examples → student
              → predictions in and out of distribution → results.json, report.html, MODEL_CARD.md

Each stage reads rows and writes rows into the run directory; a stage whose output is already there
is not done again, so the same command continues where it was stopped.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from cotkd.config import Config
from cotkd.errors import DataError, SettingError
from cotkd.evaluation.compare import compare_arms
from cotkd.evaluation.pool import pool
from cotkd.evaluation.results import (
    DataCounts,
    ModelRecord,
    Results,
    SuiteScore,
    Tokens,
    TrainingRecord,
)
from cotkd.evaluation.run import evaluate
from cotkd.evaluation.vote import vote
from cotkd.filters.select import Selection, select
from cotkd.methods.answer_only import AnswerOnly
from cotkd.methods.base import Method
from cotkd.methods.fine_tune_cot import FineTuneCot
from cotkd.questions.load import QuestionsConfig, load_questions
from cotkd.rationales.parse import parse
from cotkd.report import write_report
from cotkd.store.rows import write_json, write_rows
from cotkd.store.run import RunDirectory
from cotkd.students.lora import Lora
from cotkd.teachers.base import Engine, Teacher
from cotkd.teachers.sample import sample
from cotkd.teachers.sampling import Sampling
from cotkd.teachers.transformers import TransformersTeacher
from cotkd.training.settings import Training
from cotkd.types import Completion, Question, Rationale
from cotkd.verify.base import Verifier

if TYPE_CHECKING:
    from cotkd.students.load import Student
    from cotkd.training.result import TrainingResult


class StudentConfig(Config):
    """The base model that is fine-tuned."""

    model: str = "microgsm-student"
    """An embedded name, a folder, or a hub name; decoder or encoder–decoder."""
    lora: Lora | None = None
    """Train low-rank adapters instead of all weights."""


class EvaluationConfig(Config):
    """What the student is measured on; the test split decides nothing in a run."""

    suites: tuple[str, ...] = (
        "microgsm[:500]",
        "microgsm-steps[:200]",
        "microgsm-numbers[:200]",
        "microgsm-names[:200]",
        "microgsm-wording[:200]",
        "microgsm-domain[:200]",
        "microgsm-distractor[:200]",
    )
    """Suites, in distribution first; `NAME[:N]` takes the first N questions."""
    dev: str = "microgsm:dev[:100]"
    """Questions on which the checkpoint is chosen; empty: the last checkpoint is taken."""
    max_tokens: int = Field(256, ge=1)
    """Most tokens that a student may write per answer."""
    teacher: bool = True
    """Measure the teacher on the same questions, greedily."""


class RunConfig(Config):
    """All settings of a run; a recipe is a YAML file of them."""

    recipe: str = ""
    """Name of the recipe that these settings came from."""
    method: Method = FineTuneCot()
    """Which paper's method, with its own settings."""
    baseline: Method | None = AnswerOnly()
    """Trained from the same base on the same number of processed tokens; null for none."""
    questions: QuestionsConfig = QuestionsConfig(name="microgsm:train")
    """Training questions."""
    teacher: Teacher = TransformersTeacher(model="microgsm-teacher")
    """The model that is asked for rationales."""
    sampling: Sampling = Sampling()
    """How the teacher is sampled."""
    samples: int = Field(4, ge=1)
    """Rationales sampled per question."""
    student: StudentConfig = StudentConfig()
    """The model that is trained."""
    training: Training = Training()
    """How students are trained; the same for every arm."""
    evaluation: EvaluationConfig = EvaluationConfig()
    """What is measured."""
    seed: int = Field(0, ge=0)
    """Seed of sampling and of training."""


@dataclass
class Arm:
    """One trained model of a run: `student` or `baseline`."""

    name: str
    method: Method
    student: Student
    training: TrainingResult


@dataclass
class State:
    """What a run has found out so far."""

    config: RunConfig
    directory: RunDirectory
    questions: dict[str, Question]
    completions: list[Completion] = field(default_factory=list)
    rationales: list[Rationale] = field(default_factory=list)
    selection: Selection | None = None
    arms: list[Arm] = field(default_factory=list)
    scores: dict[str, dict[str, SuiteScore]] = field(default_factory=dict)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the wall-clock time of the block to the run's `seconds[stage]`."""
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
    """
    with RunDirectory.open(out, config.dump()) as directory:
        questions = {question.id: question for question in load_questions(config.questions)}
        state = State(config, directory, questions)
        engine = config.teacher.open()
        try:
            for number in config.method.rounds():
                collect(state, engine)
                curate(state, number)
                fit(state, number)
            measure(state, engine)
        finally:
            engine.close()
        results = conclude(state, engine)
        write_json(directory.path / "results.json", results.dump())
    write_report(out)
    return results


def run_seeds(config: RunConfig, *, out: Path, seeds: Sequence[int]) -> Results:
    """Repeat a run with each seed in `out/seed-N` and pool the results, with intervals over seeds."""
    if len(set(seeds)) != len(seeds):
        raise SettingError(f"seeds must differ, got {','.join(map(str, seeds))}")
    if len(seeds) == 1:
        return run(config.model_copy(update={"seed": seeds[0]}), out=out)
    each = [
        run(config.model_copy(update={"seed": seed}), out=out / f"seed-{seed}") for seed in seeds
    ]
    pooled = pool(each)
    write_json(out / "results.json", pooled.dump())
    write_report(out)
    return pooled


def collect(state: State, engine: Engine) -> None:
    """Ask the teacher for rationales: `samples/`."""
    config = state.config
    with state.timed("sample"):
        state.completions = sample(
            list(state.questions.values()),
            engine,
            n=config.samples,
            sampling=config.sampling,
            elicitation=config.method.elicitation,
            seed=config.seed,
            out=state.directory,
        )


def curate(state: State, number: int) -> None:
    """Verify every completion and keep what the method's filters let through."""
    folder = state.directory.round(number)
    with state.timed("verify"):
        state.rationales = [
            parse(completion, state.questions[completion.question_id])
            for completion in state.completions
        ]
        selection = select(
            state.rationales, state.config.method.filters, questions=state.questions
        )
    state.selection = selection
    write_rows(folder / "questions.jsonl", state.questions.values())
    write_rows(folder / "rationales.jsonl", state.rationales)
    write_rows(folder / "dropped.jsonl", selection.drops)
    write_json(folder / "filter.json", selection.funnel.dump())
    if not selection.kept:
        raise DataError(
            f"none of {len(state.rationales)} rationales survived the filters "
            f"({_reasons(selection)}): see {folder / 'filter.json'}"
        )


def fit(state: State, number: int) -> None:
    """Train the student, then the baseline on as many processed tokens."""
    config = state.config
    state.arms = [_train_arm(state, "student", config.method, config.training, number)]
    if config.baseline is not None:
        processed = state.arms[0].training.processed_tokens
        same = config.training.model_copy(update={"processed_tokens": processed})
        state.arms.append(_train_arm(state, "baseline", config.baseline, same, number))


def _train_arm(
    state: State, name: str, method: Method, settings: Training, number: int
) -> Arm:
    from cotkd.students.load import load_student
    from cotkd.training.trainer import train

    assert state.selection is not None
    config = state.config
    folder = state.directory.round(number)
    student = load_student(config.student.model, lora=config.student.lora)
    examples = method.examples(
        state.questions, state.selection.kept, architecture=student.architecture
    )
    write_rows(folder / "examples" / f"{name}.jsonl", examples)
    dev = load_questions(config.evaluation.dev) if config.evaluation.dev else []

    def dev_accuracy(candidate: Student) -> float:
        texts = answer_with(candidate, method, config.evaluation.max_tokens)(dev)
        verdicts = [judge(text, question) for text, question in zip(texts, dev, strict=True)]
        return sum(verdict.status == "correct" for verdict in verdicts) / len(dev)

    with state.timed("train"):
        result = train(
            student,
            examples,
            settings.model_copy(update={"seed": config.seed}),
            out=folder / name,
            dev=dev_accuracy if dev else None,
        )
    return Arm(name, method, student, result)


def measure(state: State, engine: Engine) -> None:
    """Answer every suite greedily with each arm and with the teacher: `evaluation/`."""
    config = state.config
    suites = load_suites(config.evaluation.suites)
    out = state.directory.evaluation
    with state.timed("evaluate"):
        for arm in state.arms:
            answer = answer_with(arm.student, arm.method, config.evaluation.max_tokens)
            state.scores[arm.name] = evaluate(
                answer, suites, verify=judge, out=out, label=arm.name
            )
        if config.evaluation.teacher:
            answer = ask_teacher(engine, config)
            state.scores["teacher"] = evaluate(
                answer, suites, verify=judge, out=out, label="teacher"
            )
