"""The model that learns, with its tokenizer: generate and save.

student.generate(["Ann has 3 boxes of 4 eggs. How many eggs? ###"], max_tokens=64)
student.save(Path("runs/first/student"))
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cotkd.decoding.loading import quiet
from cotkd.decoding.sampling import Sampling
from cotkd.errors import DataError
from cotkd.students.index import INDEX, save_index
from cotkd.students.lora import adapter_name, choose_adapter, heads_of, merged, task_among
from cotkd.students.writing import writing
from cotkd.types import Architecture

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from cotkd.decoding.generation import Generation


HEADS = "heads"
"""Folder of the models of further tasks, inside a student's."""


class Part(NamedTuple):
    """One model of a student of several."""

    student: Student
    tasks: tuple[str, ...]
    """What it learns and answers."""


@dataclass(frozen=True)
class Student:
    """A model and its tokenizer; training changes the weights in place."""

    name: str
    model: Any
    """A `PreTrainedModel`, or a `PeftModel` around one."""
    tokenizer: PreTrainedTokenizerBase
    members: Mapping[str, Any] = field(default_factory=dict)
    """Of a trained student whose tasks had adapters: models of the tasks behind the first."""
    parts: Mapping[str, Part] = field(default_factory=dict)
    """Of a student of several models: all of them by name; this one is the first."""

    @property
    def architecture(self) -> Architecture:
        """Whether the student reads and writes in one stack or in two."""
        return "encoder-decoder" if self.model.config.is_encoder_decoder else "decoder"

    @property
    def parameters(self) -> int:
        """Number of weights, adapters included, tied ones counted once; of all models together."""
        if self.parts:
            return sum(part.student.parameters for part in self.parts.values())
        model = self.model.get_base_model() if hasattr(self.model, "peft_config") else self.model
        return int(model.num_parameters())

    @property
    def trainable(self) -> int:
        """Number of weights that training changes."""
        return sum(w.numel() for w in self.model.parameters() if w.requires_grad)

    @property
    def heads(self) -> tuple[str, ...]:
        """Tasks with an adapter of their own; empty where all weights serve all tasks."""
        return heads_of(self.model)

    def for_task(self, task: str | None) -> Any:
        """Return the model that answers prompts of a task; of the first, if that has none."""
        if self.heads:
            choose_adapter(self.model, task_among(task, self.heads) or self.heads[0])
        own = task_among(task, self.members)
        return self.model if own is None else self.members[own]

    def part_for(self, task: str | None) -> Student:
        """Return the part that answers prompts of a task: itself where no other one does."""
        others = list(self.parts.values())[1:]
        return next((part.student for part in others if task in part.tasks), self)

    def generate(
        self,
        prompts: Sequence[str],
        *,
        max_tokens: int = 256,
        sampling: Sampling | None = None,
        seeds: Sequence[int] | None = None,
        batch_tokens: int = 16384,
        opening: str = "",
        task: str | None = None,
    ) -> list[Generation]:
        """Continue each prompt, greedily unless `sampling` says otherwise; results in order.

        Args:
            prompts: As `Format.input` makes them.
            max_tokens: Tokens generated at most; `sampling.max_tokens` goes before it.
            sampling: Temperature, top-p and the like.
            seeds: One seed per prompt; needed where tokens are drawn.
            batch_tokens: Size of a batch, which changes speed and memory but no text.
            opening: What an encoder–decoder is made to begin with; it is not in the results.
            task: Whose prompts these are, where tasks have weights of their own.
        """
        from cotkd.decoding import generate

        student = self.part_for(task)
        model = student.for_task(task)
        model.eval()
        return generate(
            model,
            student.tokenizer,
            prompts,
            sampling=sampling or Sampling(temperature=0.0, max_tokens=max_tokens),
            seeds=seeds,
            batch_tokens=batch_tokens,
            opening=opening,
        )

    def save(
        self, path: Path, *, merge: bool = True, also: Callable[[Path], None] | None = None
    ) -> Path:
        """Write a folder that `load_student` and `from_pretrained` read, all of it or nothing.

        Args:
            path: The folder; one that is there already is replaced.
            merge: Add adapters to the weights, so that the folder needs no peft; where tasks have
                adapters of their own the folder is the model of the first, and `heads/TASK` that of
                each other one. Otherwise only the adapters are written.
            also: Writes what else belongs into the folder, given the one that becomes `path`.

        Raises:
            DataError: the folder cannot be written.
        """
        if path.exists() and any(path.iterdir()) and not _is_model(path):
            raise DataError(f"{path} holds other files than a model: choose another folder")
        scratch = path.with_name(f".{path.name}.new")
        before = path.with_name(f".{path.name}.old")
        try:
            with writing(path):
                shutil.rmtree(scratch, ignore_errors=True)
                self._write(scratch, merge=merge)
                if also:
                    also(scratch)
                if path.exists():
                    path.replace(before)
                scratch.replace(path)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
            if before.exists() and not path.exists():
                before.replace(path)
            shutil.rmtree(before, ignore_errors=True)
        return path

    def _write(self, folder: Path, *, merge: bool) -> None:
        """Write all models into a folder that is not there yet."""
        folder.mkdir(parents=True)
        for name, part in self.parts.items():
            part.student._write(folder / name, merge=merge)
        if self.parts:
            save_index(folder, {name: part.tasks for name, part in self.parts.items()})
            return
        for place, model in self._parts(folder, merge=merge):
            with quiet():
                model.save_pretrained(place)
            self.tokenizer.save_pretrained(place)

    def _parts(self, folder: Path, *, merge: bool) -> Iterator[tuple[Path, Any]]:
        """Yield the folders that are written, with the model of each."""
        adapted = hasattr(self.model, "peft_config")
        if not (merge and adapted):
            yield folder, self.model
            others: Mapping[str, Any] = self.members
            yield from ((folder / HEADS / adapter_name(task), others[task]) for task in others)
            return
        first, *rest = self.heads or (None,)
        yield folder, merged(self.model, first)
        for task in rest:
            assert task is not None
            yield folder / HEADS / adapter_name(task), merged(self.model, task)


def together(parts: Mapping[str, Part]) -> Student:
    """Return the students as one, the first of them in front."""
    first = next(iter(parts.values())).student
    return replace(first, parts=dict(parts))


def sizes(student: Student) -> dict[str, Any]:
    """Return how many weights a student has, and what `members` it has, as results say it."""
    parts = ((name, part.student) for name, part in student.parts.items())
    members = {name: {"name": own.name, "parameters": own.parameters} for name, own in parts}
    return {"parameters": student.parameters, "members": members}


def _is_model(folder: Path) -> bool:
    names = ("config.json", "adapter_config.json", INDEX)
    return any((folder / name).exists() for name in names)
