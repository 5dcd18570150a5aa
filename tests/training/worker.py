"""One process of a training that a test starts: `worker.py OUT [STEP]`, ended hard at STEP.

Without STEP it first writes the gradient of one step of several tasks to `OUT/NAME.gradient`.

After the last file is written the process leaves by `os._exit`: with gloo, tearing the group down
sometimes aborts a process that has done its work.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch.optim.optimizer import register_optimizer_step_pre_hook

from cotkd.methods.mcc_kd import MccKd
from cotkd.objectives import CrossEntropy
from cotkd.students.lora import Lora, add_lora
from cotkd.students.student import Student
from cotkd.training.settings import Training
from cotkd.training.trainer import train
from tests.methods.rows import BOTH, QUESTIONS
from tests.objectives.scaled import Scaled
from tests.training.arms import examples, student
from tests.training.steps import Outcome, learner, tasks

SETTINGS = Training(
    precision="float32",
    epochs=3,
    batch_size=8,
    learning_rate=1e-4,
    eval_every=1,
    save_every=2,
    log_every=1,
)
COUNT = 20
NAMES = ("llama", "t5")
FAMILIES = ("llama", "t5", "bart", "adapters", "agreement", "idle", "own")
"""The last four are decoders: with an adapter for each task; with answers that are to agree; with
a step of one example, which leaves a process idle; with a parameter of the objective's own."""
DECODERS = ("adapters", "agreement", "idle", "own")


def run(name: str, out: Path | None, *, die_at: int | None = None) -> Student:
    """Train one student; the process ends without a word when it is scored at step `die_at`."""
    learner = student(name, **({} if name == "llama" else {"dropout_rate": 0.0}))
    scored: list[int] = []

    def score(_: Student) -> float:
        scored.append(1)
        if len(scored) == die_at:
            os._exit(9)
        return float(len(scored))

    train(learner, examples(COUNT, learner.architecture), SETTINGS, out=out, dev=score)
    return learner


def first_step(name: str, **changes: Any) -> Outcome:
    """Return loss and gradient, as the optimizer gets it, of a step of rows of several tasks."""
    of = learner("llama" if name in DECODERS else name)
    made = tasks(of.architecture)
    if name == "idle":
        made = made[:1]
    if name == "own":
        changes["objectives"] = [CrossEntropy(), Scaled()]
    if name == "agreement":
        made = MccKd(agreement_weight=3.0).examples(QUESTIONS, BOTH, architecture=of.architecture)
    if name == "adapters":
        adapted = add_lora(of.model, Lora(rank=2, per_task=True), ("answer", "explain"))
        of = Student(name, adapted.double(), of.tokenizer)
    gradients: dict[str, torch.Tensor] = {}

    def record(*_: object) -> None:
        for key, weight in of.model.named_parameters():
            if weight.requires_grad:
                gradients[key] = weight.grad.detach().clone()

    calls: list[int] = []
    norms = [m for key, m in of.model.named_modules() if re.search(r"\.1\..*norm$", key)]
    hooks = [register_optimizer_step_pre_hook(record)]
    hooks += [norm.register_forward_hook(lambda *_: calls.append(1)) for norm in norms]
    settings = {"precision": "float32", "epochs": 1, "batch_size": len(made), "max_grad_norm": 0}
    try:
        result = train(of, made, settings, log_every=1, **changes)
    finally:
        for hook in hooks:
            hook.remove()
    assert result.steps == 1
    return Outcome(result.losses[0][1], gradients, len(calls))


def main() -> None:
    """Train a student of each architecture into `OUT/NAME`."""
    out = Path(sys.argv[1])
    die_at = int(sys.argv[2]) if len(sys.argv) > 2 else None
    for name in FAMILIES if die_at is None else ():
        step = first_step(name)
        if os.environ.get("RANK", "0") == "0":
            loss = {"loss": torch.tensor(step.loss, dtype=torch.float64)}
            save_file(step.gradients | loss, out / f"{name}.gradient")
    for name in NAMES:
        run(name, out / name, die_at=die_at)
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
