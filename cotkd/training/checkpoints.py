"""The folder of a training in progress: checkpoints to resume from, and the best weights so far.

While `out/student` is being made, this lies beside it:

    student.training/
      checkpoint-40/          as `transformers` writes it, complete once `complete.json` is there
      best.safetensors        trainable weights of the best score so far
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from torch import nn

from cotkd.errors import SettingsChanged
from cotkd.formats.tokenize import TokenizedExample
from cotkd.store.fingerprint import fingerprint
from cotkd.store.rows import read_json, write_json
from cotkd.students.writing import writing
from cotkd.training.settings import Training

_MARK = "complete.json"
_INCIDENTAL = {"log_every", "save_every", "report_to"}
"""Settings that change no weight; a resumed training may have others."""


def identity(
    model: nn.Module,
    examples: Sequence[TokenizedExample],
    settings: Training,
    *,
    processes: int,
    scored: bool,
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
        rows.update(repr(tuple(example)).encode())
    return fingerprint([values, processes, scored, starts, rows.hexdigest()], length=32)


def find_checkpoint(folder: Path, name: str) -> Path | None:
    """Return the newest complete checkpoint in `folder`, None if there is none.

    A checkpoint that was interrupted while it was written carries no mark and is passed over.

    Raises:
        SettingsChanged: the checkpoints belong to a training of another identity.
    """
    found = [
        (step_of(path), path) for path in folder.glob("checkpoint-*") if (path / _MARK).exists()
    ]
    if not found:
        return None
    newest = max(found)[1]
    if read_json(newest / _MARK)["identity"] != name:
        raise SettingsChanged(
            f"{folder} holds checkpoints of a training with another student, other examples or "
            "other settings: delete it to start anew, or choose another folder"
        )
    return newest


@contextmanager
def whole_or_none(checkpoint: Path) -> Iterator[None]:
    """Delete a checkpoint that was not marked as complete: half of it only takes up space."""
    try:
        yield
    except BaseException:
        if not (checkpoint / _MARK).exists():
            shutil.rmtree(checkpoint, ignore_errors=True)
        raise


def mark_complete(checkpoint: Path, name: str) -> None:
    """Say that `checkpoint` is whole, and delete the ones before it."""
    with writing(checkpoint):
        write_json(checkpoint / _MARK, {"identity": name})
    for other in checkpoint.parent.glob("checkpoint-*"):
        if other != checkpoint:
            shutil.rmtree(other, ignore_errors=True)


def step_of(checkpoint: Path) -> int:
    """Return the number of steps behind a checkpoint."""
    return int(checkpoint.name.rpartition("-")[2])


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
    import torch
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
