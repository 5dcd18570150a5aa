"""Training in two halves: the second one on examples that hold what the student says by then.

    train_rehearsed(student, examples, settings, again=examples_with_own_history, out=folder)

The first half of the budget goes to the examples as they are, the second to what `again` makes
with the student of the first, which goes on from its weights with a schedule of its own. Both count
towards one budget. The student of the first half is kept beside the other, in `FOLDER.first`: a run
that goes on asks the same one again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cotkd.objectives import Objective
from cotkd.students.student import Student
from cotkd.training.result import TrainingResult
from cotkd.training.settings import Training
from cotkd.training.trainer import train
from cotkd.types import Example

Again = Callable[[Student], Sequence[Example]]
"""Makes the examples of the second half; the same student must give the same."""


def train_rehearsed(
    student: Student,
    examples: Sequence[Example],
    settings: Training,
    *,
    again: Again | None,
    out: Path | None = None,
    dev: Callable[[Student], float] | None = None,
    notes: Mapping[str, Any] | None = None,
    objectives: Sequence[Objective] | None = None,
) -> TrainingResult:
    """Train a student in place, in one go where there is no `again`.

    Args:
        student: The base model.
        examples: Of the first half.
        settings: Of both; tokens or epochs are halved.
        again: Makes the examples of the second half.
        out: Folder of the student.
        dev: Scores it, in the second half alone.
        notes: JSON documents that belong into `out`, by name of their file.
        objectives: What is minimised, as `train` takes them.
    """
    last: dict[str, Any] = {"out": out, "dev": dev, "notes": notes, "objectives": objectives}
    if again is None:
        return train(student, examples, settings, **last)
    halves = _halves(settings)
    before = None if out is None else out.with_name(out.name + ".first")
    first = train(student, examples, halves[0], out=before, objectives=objectives)
    return _both(first, train(student, again(student), halves[1], **last))


def _halves(settings: Training) -> tuple[Training, Training]:
    tokens = settings.processed_tokens
    if tokens is None:
        half = settings.model_copy(update={"epochs": settings.epochs / 2})
        return half, half
    first = max(1, tokens // 2)
    parts = (first, max(1, tokens - first))
    one, other = (settings.model_copy(update={"processed_tokens": part}) for part in parts)
    return one, other


def _both(first: TrainingResult, second: TrainingResult) -> TrainingResult:
    """Return the sums over both halves, with the checkpoint that was chosen in the second."""
    sums = ("processed_tokens", "supervised_tokens", "epochs", "steps", "seconds")
    later = first.steps
    return second.model_copy(
        update={
            **{name: getattr(first, name) + getattr(second, name) for name in sums},
            "best_step": later + second.best_step,
            "losses": (*first.losses, *((later + step, loss) for step, loss in second.losses)),
            "scores": tuple((later + step, score) for step, score in second.scores),
        }
    )
