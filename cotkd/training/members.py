"""Training a student of several models: each on the examples of its tasks, one after the other.

    student, result = train_members({"solver": part, "decomposer": other}, examples, settings)

The processed tokens of the settings are those of all models together, shared out by the length of
their examples. The first model is trained last: its checkpoints are scored together with the
finished others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cotkd.errors import DataError
from cotkd.objectives import Objective
from cotkd.store.lock import is_writer
from cotkd.store.rows import write_json
from cotkd.students.index import save_index
from cotkd.students.student import Part, Student, together
from cotkd.training.rehearsal import Again, train_rehearsed
from cotkd.training.result import TrainingResult
from cotkd.training.settings import Training
from cotkd.types import Example


def train_members(
    parts: Mapping[str, Part],
    examples: Mapping[str, Sequence[Example]],
    settings: Training,
    *,
    out: Path | None = None,
    dev: Callable[[Student], float] | None = None,
    again: Again | None = None,
    notes: Mapping[str, Any] | None = None,
    objectives: Sequence[Objective] | None = None,
) -> tuple[Student, TrainingResult]:
    """Train every model in place and return them as one student, with what was done in all.

    Args:
        parts: The models by name, the one in front first.
        examples: Those of each model.
        settings: The same for all; processed tokens are shared out.
        out: Folder of the models, each in one of its own name.
        dev: Scores the student as a whole.
        again: Makes new examples for the model in front in the middle of its training.
        notes: JSON documents that belong into `out`, by name of their file.
        objectives: What is minimised by all of them, as `train` takes them.

    Raises:
        DataError: a model has no example.
    """
    if lacking := [name for name in parts if not examples.get(name)]:
        raise DataError(
            f"no example for the {' and the '.join(lacking)}: look at the kept rationales"
        )
    shares = _shares(parts, examples)
    results: dict[str, TrainingResult] = {}
    front = next(iter(parts))

    def score(candidate: Student) -> float:
        assert dev is not None
        return dev(together({**parts, front: parts[front]._replace(student=candidate)}))

    for name, part in reversed(list(parts.items())):
        tokens = settings.processed_tokens
        budget = None if tokens is None else max(1, round(tokens * shares[name]))
        results[name] = train_rehearsed(
            part.student,
            examples[name],
            settings.model_copy(update={"processed_tokens": budget}),
            again=again if name == front else None,
            out=None if out is None else out / name,
            dev=score if dev and name == front else None,
            objectives=objectives,
        )
    result = _total(results[front], list(results.values()))
    if out is not None and is_writer():
        documents = {**(notes or {}), "training.json": result.model_dump(mode="json")}
        for file, document in documents.items():
            write_json(out / file, document)
        save_index(out, {name: part.tasks for name, part in parts.items()})
    return together(parts), result


def _shares(
    parts: Mapping[str, Part], examples: Mapping[str, Sequence[Example]]
) -> dict[str, float]:
    """Return each model's share of what all would read and write in one pass over the examples."""
    sizes = {
        name: _size(examples[name], once=part.student.architecture == "decoder")
        for name, part in parts.items()
    }
    return {name: size / sum(sizes.values()) for name, size in sizes.items()}


def _size(rows: Sequence[Example], *, once: bool) -> int:
    """Return the characters of the examples, of a dialogue `once` those of its last turn alone."""
    last = {row.dialogue or row.example_id if once else row.example_id: row for row in rows}
    return sum(len(row.input) + len(row.target) for row in last.values())


def _total(front: TrainingResult, results: Sequence[TrainingResult]) -> TrainingResult:
    """Return the sums over all models; losses and scores are those of the model in front."""
    sums = ("processed_tokens", "supervised_tokens", "steps", "examples", "truncated", "seconds")
    return front.model_copy(
        update={name: sum(getattr(row, name) for row in results) for name in sums}
    )
