"""The folder of a training in progress: checkpoints to resume from, and the best weights so far.

While `out/student` is being made, this lies beside it:

    student.training/
      checkpoint-40/          complete once `complete.json` is there
        weights.safetensors   trainable weights, of objectives too
        optimizer.pt          state of the optimizer
        state.json            steps done, losses and scores so far
        process-0.pt          of each process: random generators, loss since the last record
      best.safetensors        trainable weights of the best score so far
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from cotkd.errors import SettingsChanged
from cotkd.formats.tokenize import TokenizedExample
from cotkd.objectives import Objective, usual
from cotkd.store.fingerprint import fingerprint
from cotkd.store.rows import read_json, write_json
from cotkd.students.writing import writing
from cotkd.training.randomness import random_state, restore_random_state
from cotkd.training.settings import Training
from cotkd.types import USUAL_ROLE

if TYPE_CHECKING:
    from accelerate import Accelerator

_MARK, _STATE = "complete.json", "state.json"
_WEIGHTS, _OPTIMIZER = "weights.safetensors", "optimizer.pt"
_SERIES = ("losses", "scores")
_INCIDENTAL = {"log_every", "save_every", "report_to"}
"""Settings that change no weight; a resumed training may have others."""


def identity(
    model: nn.Module,
    examples: Sequence[TokenizedExample],
    settings: Training,
    *,
    processes: int,
    scored: bool,
    objectives: Sequence[Objective],
) -> str:
    """Return the fingerprint of all that decides the trained weights.

    Of the model's weights the first few of each matrix are taken, which tells models apart without
    reading gigabytes.
    """
    values = settings.model_dump(mode="json", exclude=_INCIDENTAL)
    starts = [
        (name, weight.numel(), weight.detach().flatten()[:8].float().tolist())
        for name, weight in model.named_parameters()
    ]
    rows = hashlib.sha256()
    for example in examples:
        rows.update(repr(_identifying(example)).encode())
    same = tuple(objectives) == usual(examples)
    minimised = [] if same else [objective.dump() for objective in objectives]
    return fingerprint([values, processes, scored, starts, rows.hexdigest(), *minimised], length=32)


def _identifying(example: TokenizedExample) -> tuple[Any, ...]:
    """Return an example as it is fingerprinted: a role is named where it is none of the usual."""
    *own, role = example
    return tuple(own) if role == USUAL_ROLE else tuple(example)


@dataclass
class History:
    """What a training has done so far."""

    step: int = 0
    """Optimizer steps taken."""
    losses: list[tuple[int, float]] = field(default_factory=list)
    """(step, mean loss since the record before)."""
    scores: list[tuple[int, float]] = field(default_factory=list)
    """(step, score on the development questions)."""

    @property
    def recorded(self) -> int:
        """Step of the last record of the loss."""
        return self.losses[-1][0] if self.losses else 0


class Checkpoint(NamedTuple):
    """A folder from which a training goes on as if it had not been interrupted."""

    folder: Path

    def save(
        self,
        module: nn.Module,
        optimizer: Optimizer,
        history: History,
        *,
        pending: Tensor,
        processes: Accelerator,
        identity: str,
    ) -> None:
        """Write the folder, all of it or nothing, and delete the ones before it.

        Args:
            module: Its trainable weights are kept.
            optimizer: Its state is kept.
            history: What was done so far.
            pending: This process's loss since the last record.
            processes: Each writes its own part, the first one all that is common.
            identity: Of the training.
        """
        with _whole_or_none(self.folder):
            with writing(self.folder):
                self.folder.mkdir(parents=True, exist_ok=True)
                own = {"random": random_state(), "pending": pending.cpu()}
                torch.save(own, self._own(processes))
                if processes.is_main_process:
                    save_weights(module, self.folder / _WEIGHTS)
                    torch.save(optimizer.state_dict(), self.folder / _OPTIMIZER)
                    write_json(self.folder / _STATE, asdict(history))
            processes.wait_for_everyone()
            if processes.is_main_process:
                self._finish(identity)

    def _finish(self, identity: str) -> None:
        with writing(self.folder):
            write_json(self.folder / _MARK, {"identity": identity})
        for other in self.folder.parent.glob("checkpoint-*"):
            if other != self.folder:
                shutil.rmtree(other, ignore_errors=True)

    def restore(self, module: nn.Module, optimizer: Optimizer) -> History:
        """Set weights and optimizer to what was saved, and return what had been done."""
        restore_weights(module, self.folder / _WEIGHTS)
        device = next(module.parameters()).device
        state = torch.load(self.folder / _OPTIMIZER, map_location=device, weights_only=True)
        optimizer.load_state_dict(state)
        told = read_json(self.folder / _STATE)
        pairs = {name: [(step, value) for step, value in told[name]] for name in _SERIES}
        return History(told["step"], **pairs)

    def restore_process(self, processes: Accelerator) -> Tensor:
        """Set the random generators of a process; return its loss since the last record."""
        own = torch.load(self._own(processes), weights_only=True)
        restore_random_state(own["random"])
        pending: Tensor = own["pending"]
        return pending

    def _own(self, processes: Accelerator) -> Path:
        return self.folder / f"process-{processes.process_index}.pt"


def find_checkpoint(folder: Path, name: str) -> Checkpoint | None:
    """Return the newest complete checkpoint in `folder`, None if there is none.

    A checkpoint that was interrupted while it was written carries no mark and is passed over.

    Raises:
        SettingsChanged: the checkpoints belong to a training of another identity.
    """
    found = [
        (int(path.name.rpartition("-")[2]), path)
        for path in folder.glob("checkpoint-*")
        if (path / _MARK).exists()
    ]
    if not found:
        return None
    newest = max(found)[1]
    if read_json(newest / _MARK)["identity"] != name:
        raise SettingsChanged(
            f"{folder} holds checkpoints of a training with another student, other examples or "
            "other settings: delete it to start anew, or choose another folder"
        )
    return Checkpoint(newest)


@contextmanager
def _whole_or_none(checkpoint: Path) -> Iterator[None]:
    """Delete a checkpoint that was not marked as complete: half of it only takes up space."""
    try:
        yield
    except BaseException:
        if not (checkpoint / _MARK).exists():
            shutil.rmtree(checkpoint, ignore_errors=True)
        raise


def save_weights(model: nn.Module, path: Path) -> None:
    """Write the trainable weights, the whole file or nothing."""
    from safetensors.torch import save_file

    scratch = path.with_suffix(".part")
    try:
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            save_file(_trainable(model), scratch)
            scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


def restore_weights(model: nn.Module, path: Path) -> None:
    """Set the trainable weights to those that `save_weights` wrote."""
    from safetensors.torch import load_file

    stored = load_file(path)
    weights = {name: w for name, w in model.named_parameters() if w.requires_grad}
    assert stored.keys() == weights.keys(), f"{path} belongs to another model"
    with torch.no_grad():
        for name, weight in weights.items():
            weight.copy_(stored[name])


def _trainable(model: nn.Module) -> dict[str, Any]:
    return {
        name: weight.detach().contiguous()
        for name, weight in model.named_parameters()
        if weight.requires_grad
    }
