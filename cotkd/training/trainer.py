"""Train a student on examples: the one way in, for every method and both architectures.

    result = train(student, examples, Training(processed_tokens=600_000), out=Path("student"))
    result.processed_tokens, result.losses[-1]

`student` then has the trained weights, and `out` holds them with `training.json`. The same call
after an interruption goes on from the last checkpoint, and after the end returns the result. On
several processes: `torchrun --nproc-per-node 2 script.py`.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from cotkd.errors import SettingError, SettingsChanged
from cotkd.formats.chain import chained
from cotkd.formats.tokenize import TokenizedExample, tokenize_examples
from cotkd.objectives import Objective, usual
from cotkd.store.lock import is_writer
from cotkd.store.rows import read_json, write_json
from cotkd.students.student import Student
from cotkd.students.tokenizer import check_tokenizer
from cotkd.training.checkpoints import (
    Checkpoint,
    History,
    find_checkpoint,
    identity,
    restore_weights,
    save_weights,
)
from cotkd.training.checks import check_tasks
from cotkd.training.data import Layout, PlannedBatches, side_lengths
from cotkd.training.devices import accelerator, resolve_precision
from cotkd.training.forward import can_pack
from cotkd.training.loop import Loop, Phase
from cotkd.training.plan import Step, plan_steps
from cotkd.training.progress import Bar
from cotkd.training.result import TrainingResult
from cotkd.training.rhythm import Rhythm
from cotkd.training.settings import Training
from cotkd.types import Example

log = logging.getLogger(__name__)

_DEFAULTS = Training()
_RESULT = "training.json"
_WEIGHTS = "final.safetensors"


class ExampleSource(Protocol):
    """Makes examples when a training starts, for instance from what the student writes by then.

    The same student must get the same examples, or a training could not be resumed.
    """

    def examples(self, student: Student) -> Sequence[Example]:
        """Return the examples that `student` is trained on."""


def train(
    student: Student,
    examples: Sequence[Example] | ExampleSource,
    settings: Training | Mapping[str, Any] = _DEFAULTS,
    *,
    out: Path | None = None,
    dev: Callable[[Student], float] | None = None,
    notes: Mapping[str, Any] | None = None,
    objectives: Sequence[Objective] | None = None,
    **changes: Any,
) -> TrainingResult:
    """Train `student` in place and return what was done.

    Args:
        student: Its weights are changed; keep them in float32.
        examples: Shuffled by the seed of the settings, pass after pass; or what makes them.
        settings: How long and how; a mapping is parsed.
        out: Folder for the trained student and its `training.json`; a folder of the same name with
            `.training` appended holds the checkpoints until the end. None writes nothing.
        dev: Scores the student, higher is better; the weights with the best score are kept, the
            earliest of equal ones. Never score on test questions here.
        notes: JSON documents that belong into `out`, by name of their file.
        objectives: What is minimised; None: the loss of the trained tokens and, where examples name
            a range of it, their agreement.
        **changes: Settings on top of `settings`, e.g. `epochs=1`.

    Raises:
        DataError: the examples cannot be trained on, or a file cannot be written.
        SettingError: settings, student and examples do not fit together.
        SettingsChanged: `out` belongs to another training.
        EngineError: the loss became infinite or not a number.
    """
    _refuse_single_process_launch()
    _check_student(student)
    given = settings.dump() if isinstance(settings, Training) else settings
    settings = Training.parse({**given, **changes})
    rows = examples if isinstance(examples, Sequence) else examples.examples(student)
    tokenized, steps = _plan(student, rows, settings)
    plan = _Plan(tokenized, steps, usual(tokenized) if objectives is None else tuple(objectives))
    with _work_folder(out) as folder:
        return _train(student, plan, settings, folder, out=out, dev=dev, notes=notes or {})


class _Plan(NamedTuple):
    """What is trained: the examples, those of each step, and what is minimised."""

    examples: list[TokenizedExample]
    steps: list[Step]
    objectives: tuple[Objective, ...]


def _train(
    student: Student,
    plan: _Plan,
    settings: Training,
    folder: Path,
    *,
    out: Path | None,
    dev: Callable[[Student], float] | None,
    notes: Mapping[str, Any],
) -> TrainingResult:
    processes, scored, total = accelerator(settings, folder), dev is not None, len(plan.steps)
    name = identity(
        student.model,
        plan.examples,
        settings,
        processes=processes.num_processes,
        scored=scored,
        objectives=plan.objectives,
    )
    finished = _finished(student, out, name, notes)
    if finished is not None:
        return finished
    layout = _layout(student, settings, processes.num_processes, processes.process_index)
    batches = _batches(student, plan, layout)
    with Bar(f"training {student.name}", total) as bar:
        loop = Loop(
            student,
            plan.objectives,
            settings,
            processes=processes,
            steps=total,
            rhythm=Rhythm(settings, total, scored=scored, saved=out is not None),
            dev=dev,
            folder=folder,
            identity=name,
            bar=bar,
        )
        phase = Phase(total, lambda: batches)
        seconds = _run(loop, student, settings, phase, find_checkpoint(folder, name))
    processes.wait_for_everyone()
    if loop.best_weights.exists():
        restore_weights(student.model, loop.best_weights)
    result = _result(loop.history, batches, plan, settings, seconds)
    if processes.is_main_process and out is not None:
        _write(student, result, out, name, notes)
    processes.wait_for_everyone()
    return result


def _plan(
    student: Student, examples: Sequence[Example], settings: Training
) -> tuple[list[TokenizedExample], list[Step]]:
    max_length, max_side = _limits(student, settings)
    tokenized = tokenize_examples(
        examples,
        student.tokenizer,
        architecture=student.architecture,
        max_length=max_length,
        max_side=max_side,
    )
    check_tasks(student, examples, tokenized)
    if student.architecture == "decoder":
        tokenized = chained(examples, tokenized)
    if cut := sum(example.truncated for example in tokenized):
        log.warning("%d of %d rationales are cut, their answers are whole", cut, len(tokenized))
    lengths = side_lengths(tokenized, student.architecture)
    groups = [example.group for example in tokenized]
    tasks = [example.task for example in tokenized]
    questions = [example.question for example in tokenized]
    return tokenized, plan_steps(lengths, settings, groups=groups, tasks=tasks, questions=questions)


def _layout(student: Student, settings: Training, processes: int, process: int) -> Layout:
    """Return how steps are computed: packed only where the student keeps examples apart."""
    rows = settings.rows
    if rows != "bucketed" and not can_pack(student.model):
        if rows == "packed":
            raise SettingError(
                f"rows='packed': student {student.name!r} does not keep examples apart that share "
                "a row: use 'bucketed'"
            )
        rows = "bucketed"
    return Layout(settings.accumulation, processes, process, rows, student.heads)


def _run(
    loop: Loop, student: Student, settings: Training, phase: Phase, checkpoint: Checkpoint | None
) -> float:
    """Train from the start or from `checkpoint`, and return the seconds that it took."""
    start = time.perf_counter()
    if settings.gradient_checkpointing:
        student.model.gradient_checkpointing_enable({"use_reentrant": False})
    try:
        loop.run([phase], checkpoint)
    finally:
        if settings.gradient_checkpointing:
            student.model.gradient_checkpointing_disable()
        student.model.eval()
        student.model.zero_grad(set_to_none=True)
    return time.perf_counter() - start


def _result(
    history: History,
    batches: PlannedBatches,
    plan: _Plan,
    settings: Training,
    seconds: float,
) -> TrainingResult:
    examples, steps, _ = plan
    seen = [i for step in steps for i in step]
    own = sum(examples[i].length for piece in batches.pieces for i in piece)
    best = max(history.scores, key=lambda score: score[1], default=None)
    return TrainingResult(
        processed_tokens=sum(examples[i].length for i in seen),
        supervised_tokens=sum(examples[i].trained_tokens for i in seen),
        epochs=len(seen) / len(examples),
        steps=len(steps),
        examples=len(examples),
        truncated=sum(example.truncated for example in examples),
        padding=1 - own / max(1, batches.computed_tokens()),
        best_step=len(steps) if best is None else best[0],
        best_score=None if best is None else best[1],
        losses=tuple(history.losses),
        scores=tuple(history.scores),
        precision=resolve_precision(settings),
        seconds=seconds,
    )


def _batches(student: Student, plan: _Plan, layout: Layout) -> PlannedBatches:
    from cotkd.decoding.session import decoder_start

    pad = student.tokenizer.pad_token_id
    assert isinstance(pad, int), "check_tokenizer has seen to it"
    two_stacks = student.architecture == "encoder-decoder"
    return PlannedBatches(
        plan.examples,
        plan.steps,
        architecture=student.architecture,
        pad=pad,
        decoder_start=decoder_start(student.model) if two_stacks else None,
        layout=layout,
        objectives=plan.objectives,
    )


def _limits(student: Student, settings: Training) -> tuple[int | None, int | None]:
    """Return the longest row and the longest side that settings and the model's positions allow."""
    positions = getattr(student.model.config, "max_position_embeddings", None)
    if student.architecture == "encoder-decoder":
        return settings.max_length, positions
    both = [limit for limit in (settings.max_length, positions) if limit is not None]
    return min(both, default=None), None


@contextmanager
def _work_folder(out: Path | None) -> Iterator[Path]:
    """Give the folder of a training in progress; checkpoints are left only by an interruption."""
    if out is None:
        with tempfile.TemporaryDirectory(prefix="cotkd-") as scratch:
            yield Path(scratch)
        return
    yield out.with_name(out.name + ".training")


def _write(
    student: Student, result: TrainingResult, out: Path, name: str, notes: Mapping[str, Any]
) -> None:
    """Save student and result, then drop what was needed to get there; trackers' files stay."""
    own = {"identity": name, **result.model_dump(mode="json")}

    def also(folder: Path) -> None:
        if student.trainable < student.parameters:
            save_weights(student.model, folder / _WEIGHTS)
        for file, document in {**notes, _RESULT: own}.items():
            write_json(folder / file, document)

    student.save(out, also=also)
    work = out.with_name(out.name + ".training")
    for leftover in [*work.glob("checkpoint-*"), work / "best.safetensors"]:
        shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink(missing_ok=True)
    if work.exists() and not any(work.iterdir()):
        work.rmdir()


def _finished(
    student: Student, out: Path | None, name: str, notes: Mapping[str, Any]
) -> TrainingResult | None:
    """Return the result of a training that ended before, its weights put into `student`."""
    if out is None or not (out / _RESULT).exists():
        return None
    document = read_json(out / _RESULT)
    if document.pop("identity") != name:
        raise SettingsChanged(
            f"{out} holds a student trained from another base, on other examples or with other "
            "settings: delete it to train anew, or choose another folder"
        )
    if is_writer():
        for file in notes.keys() - {path.name for path in out.iterdir()}:
            write_json(out / file, notes[file])
    if (out / _WEIGHTS).exists():
        restore_weights(student.model, out / _WEIGHTS)
    else:
        from cotkd.students.load import load_student

        student.model.load_state_dict(load_student(out).model.state_dict())
    return TrainingResult.model_validate(document)


def _check_student(student: Student) -> None:
    """Refuse students that are no single model whose texts can end."""
    check_tokenizer(student)
    if student.members or student.parts:
        raise SettingError(
            f"student {student.name!r} has a model for each task: train them one by one"
        )


def _refuse_single_process_launch() -> None:
    """Refuse `accelerate launch` on a CPU: one process starts however many are asked for."""
    import torch

    forced = os.environ.get("ACCELERATE_USE_CPU")  # "True" or "False" where accelerate starts one
    if forced is None or "RANK" in os.environ:
        return
    if forced.lower() == "true" or not torch.cuda.is_available():
        raise SettingError(
            "`accelerate launch` on a CPU trains a single process whatever --num_processes says: "
            "use `torchrun --nproc-per-node N`"
        )
