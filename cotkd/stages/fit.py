"""Training one arm on what a method makes of the kept rationales.

rounds/000/examples/ARM.jsonl   ARM/ (the trained model)
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cotkd.asking.dialogue import dialogues
from cotkd.asking.prompting import Prompting
from cotkd.errors import DataError
from cotkd.evaluation.leak import training_note
from cotkd.formats.rejections import rejections
from cotkd.measuring.choosing import dev_score
from cotkd.measuring.settings import EvaluationConfig
from cotkd.methods.base import Method
from cotkd.store.lock import is_writer
from cotkd.store.rows import write_rows
from cotkd.students.lora import task_among
from cotkd.students.settings import StudentConfig
from cotkd.training.settings import Training
from cotkd.types import Example, Question, Rationale

if TYPE_CHECKING:
    from cotkd.students.student import Student
    from cotkd.training.result import TrainingResult


log = logging.getLogger(__name__)


@dataclass
class Arm:
    """One trained model: `student` or `baseline`."""

    name: str
    method: Method
    student: Student
    training: TrainingResult


def _check_heads(method: Method, tasks: Sequence[str], kept: Sequence[Rationale]) -> None:
    """Raise `DataError` where what is reported of the student would not have been trained."""
    if not tasks:
        raise DataError(
            f"method {method.kind} made no example of {len(kept)} rationales: look at their text, "
            "or relax method.filters"
        )
    for number, (name, prompting) in enumerate(method.heads.items()):
        task = prompting.task
        if task is None or task_among(task, tasks) is not None:
            continue
        if number == 0:
            raise DataError(
                f"method {method.kind} made no example of the task {task!r}, which the student is "
                "measured by: give it a weight, or report another head by method.main"
            )
        log.warning("head %r of the student has no training example", name)


def fit(
    name: str,
    method: Method,
    questions: Mapping[str, Question],
    kept: Sequence[Rationale],
    *,
    base: StudentConfig,
    training: Training,
    evaluation: EvaluationConfig,
    folder: Path,
) -> Arm:
    """Train one arm on the method's examples of the kept rationales.

    The checkpoint is the one that `cotkd.measuring.choosing` scores highest.
    """
    from cotkd.students.load import architecture_of
    from cotkd.training.rehearsal import train_rehearsed

    examples = method.examples(questions, kept, architecture=architecture_of(base.model))
    tasks = tuple(dict.fromkeys(example.task for example in examples))
    _check_heads(method, tasks, kept)
    formats = [prompting.format for prompting in method.heads.values()]
    for reason, count in rejections(formats, kept, examples).items():
        log.warning("%s: %d of %d rationales are not written: %s", name, count, len(kept), reason)
    chosen_by = dev_score(method, questions, kept, evaluation)
    file = folder / "examples" / f"{name}.jsonl"
    again = _again(name, method, questions, kept, evaluation.max_tokens, folder)
    notes = training_note(folder / name, [file])
    if method.members:
        rows = _examples_of_members(method, questions, kept, base, examples)
        _write(file, chain.from_iterable(rows.values()))
        return _fit_members(
            name, method, rows, base, training, folder / name, chosen_by, again, notes
        )
    student = _loaded(base.model, base, examples)
    _write(file, examples)
    result = train_rehearsed(
        student,
        examples,
        training,
        again=again,
        out=folder / name,
        dev=chosen_by,
        notes=notes,
        objectives=method.objectives,
    )
    return Arm(name, method, student, result)


def _loaded(model: str, base: StudentConfig, examples: Sequence[Example]) -> Student:
    """Return the student that learns these examples, its tokenizer looked at, and added to."""
    from cotkd.students.load import load_student
    from cotkd.training.signs import signs_to_add

    return load_student(
        model,
        lora=base.lora,
        markers=base.markers,
        tasks=tuple(dict.fromkeys(example.task for example in examples)),
        signs=lambda tokenizer: signs_to_add(tokenizer, examples, base, name=model),
    )


def _write(file: Path, examples: Iterable[Example]) -> None:
    if is_writer():
        write_rows(file, examples)


def _again(
    name: str,
    method: Method,
    questions: Mapping[str, Question],
    kept: Sequence[Rationale],
    max_tokens: int,
    folder: Path,
) -> Callable[[Student], Sequence[Example]] | None:
    """Return what makes the examples of the second half of a training, where there is one."""
    if not method.rehearses:
        return None
    tasks = method.members[0].tasks if method.members else None

    def again(student: Student) -> Sequence[Example]:
        def ask(asked: Sequence[Question], prompting: Prompting) -> list[list[str]]:
            said = dialogues(student, prompting, asked, max_tokens)
            return [[reply.text for reply in replies] for replies in said]

        made = method.rehearsed(questions, kept, ask, architecture=student.architecture)
        rows = [row for row in made if tasks is None or row.task in tasks]
        _write(folder / "examples" / f"{name}.second.jsonl", rows)
        return rows

    return again


def _examples_of_members(
    method: Method,
    questions: Mapping[str, Question],
    kept: Sequence[Rationale],
    base: StudentConfig,
    examples: Sequence[Example],
) -> dict[str, list[Example]]:
    """Return the examples of each member's tasks, as its own architecture reads them.

    `examples` are those of the base model's architecture.
    """
    from cotkd.students.load import architecture_of

    made = {architecture_of(base.model): examples}
    rows = {}
    for member in method.members:
        own = architecture_of(member.model or base.model)
        if own not in made:
            made[own] = method.examples(questions, kept, architecture=own)
        rows[member.name] = [example for example in made[own] if example.task in member.tasks]
    return rows


def _fit_members(
    name: str,
    method: Method,
    examples: Mapping[str, Sequence[Example]],
    base: StudentConfig,
    training: Training,
    out: Path,
    dev: Callable[[Student], float] | None,
    again: Callable[[Student], Sequence[Example]] | None,
    notes: Mapping[str, Any],
) -> Arm:
    """Train the models of a student of several."""
    from cotkd.students.student import Part
    from cotkd.training.members import train_members

    parts = {}
    for member in method.members:
        student = _loaded(member.model or base.model, base, examples[member.name])
        parts[member.name] = Part(student, member.tasks)
    student, result = train_members(
        parts,
        examples,
        training,
        out=out,
        dev=dev,
        again=again,
        notes=notes,
        objectives=method.objectives,
    )
    return Arm(name, method, student, result)
