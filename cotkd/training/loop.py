"""The training loop: phases of planned steps under one optimizer and one schedule.

    plan → passes → objectives → one divisor → optimizer → records, scores, checkpoints

A phase is a stretch of steps whose batches are made when it begins; nothing is generated while its
batches are read. What a step is, and what its loss is divided by, is known from the plan: processes
exchange gradients and nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor
from torch.utils.data import DataLoader

from cotkd.errors import EngineError
from cotkd.objectives import Objective
from cotkd.students.student import Student
from cotkd.training.checkpoints import Checkpoint, History, save_weights
from cotkd.training.data import Batch, PlannedBatches
from cotkd.training.devices import resolve_precision
from cotkd.training.optimizer import build_optimizer
from cotkd.training.passes import Passes
from cotkd.training.progress import Bar
from cotkd.training.rhythm import Rhythm
from cotkd.training.schedule import rate_factor
from cotkd.training.settings import Training

if TYPE_CHECKING:
    from accelerate import Accelerator


class Phase(NamedTuple):
    """A stretch of a training."""

    steps: int
    """Optimizer steps."""
    batches: Callable[[], PlannedBatches]
    """Makes this process's batches when the phase begins; again, the same ones, when a training
    goes on in the middle of it."""


class Loop:
    """One optimizer step per planned step; knows nothing of methods.

    Args:
        student: Trained in place.
        objectives: What is minimised.
        settings: How.
        processes: This process's device and its fellows.
        steps: Of all phases together.
        rhythm: When what is recorded, scored and saved.
        dev: Scores the student.
        folder: Of checkpoints and of the best weights.
        identity: Of the training, for its checkpoints.
        bar: Shows how far it is.
    """

    def __init__(
        self,
        student: Student,
        objectives: Sequence[Objective],
        settings: Training,
        *,
        processes: Accelerator,
        steps: int,
        rhythm: Rhythm,
        dev: Callable[[Student], float] | None,
        folder: Path,
        identity: str,
        bar: Bar,
    ) -> None:
        from accelerate.utils import set_seed

        self._student = student
        self._settings = settings
        self._processes = processes
        self._steps = steps
        self._rhythm = rhythm
        self._dev = dev
        self._folder = folder
        self._identity = identity
        self._bar = bar
        set_seed(settings.seed)
        self._passes = Passes(
            student.model,
            objectives,
            precision=resolve_precision(settings),
            processes=processes.num_processes,
        )
        if not getattr(student.model, "is_quantized", False):
            self._passes.to(processes.device)
        self._module = processes.prepare_model(self._passes, device_placement=False)
        self._optimizer = build_optimizer(student.model, settings, own=self._passes.own)
        for group in self._optimizer.param_groups:
            group["initial_lr"] = group["lr"]
        self._pending = torch.zeros((), device=processes.device)
        """Sum of the losses since the last record."""
        self.history = History()

    @property
    def best_weights(self) -> Path:
        """File of the best weights so far."""
        return self._folder / "best.safetensors"

    def run(self, phases: Sequence[Phase], checkpoint: Checkpoint | None = None) -> None:
        """Train all phases, from the start or from where a checkpoint was written.

        Raises:
            EngineError: the loss became infinite or not a number.
            DataError: a file cannot be written.
        """
        if checkpoint is not None:
            self.history = checkpoint.restore(self._passes, self._optimizer)
        self._bar.at(self.history.step)
        first = 0
        with self._trackers():
            for phase in phases:
                if self.history.step < first + phase.steps:
                    self._train(phase, self.history.step - first, checkpoint)
                    checkpoint = None
                first += phase.steps

    def _train(self, phase: Phase, done: int, checkpoint: Checkpoint | None) -> None:
        """Train the steps of a phase behind the first `done`."""
        batches, pieces = phase.batches(), self._settings.accumulation
        loader = iter(self._loader(batches, done * pieces))
        if checkpoint is not None:
            self._pending = checkpoint.restore_process(self._processes).to(self._pending)
        self._module.train()
        self._module.zero_grad()
        for _ in range(done, phase.steps):
            self._step(next(loader) for _ in range(pieces))

    def _loader(self, batches: PlannedBatches, start: int) -> DataLoader[Any]:
        """Return the planned batches in order; each process has its own."""
        return DataLoader(
            batches,
            sampler=range(start, len(batches)),
            batch_size=1,
            collate_fn=itemgetter(0),
            pin_memory=self._processes.device.type == "cuda",
        )

    def _step(self, micro_batches: Iterator[list[Batch]]) -> None:
        """Take one optimizer step, then do what is due after it."""
        pieces = list(micro_batches)
        for number, passes in enumerate(pieces, start=1):
            self._pending += self._backward(passes, last=number == len(pieces))
        settings, processes = self._settings, self._processes
        norm = None
        if settings.max_grad_norm > 0:
            norm = processes.clip_grad_norm_(self._passes.parameters(), settings.max_grad_norm)
        for group in self._optimizer.param_groups:
            group["lr"] = group["initial_lr"] * rate_factor(
                self.history.step, self._steps, settings
            )
        self._optimizer.step()
        self._module.zero_grad()
        self.history.step += 1
        self._bar.at(self.history.step)
        due = self._rhythm.after(self.history.step)
        if due.record:
            self._record(norm)
        if due.score:
            self._score()
        if due.save:
            self._save()

    def _backward(self, passes: Sequence[Batch], *, last: bool) -> Tensor:
        """Compute the passes of a micro-batch one by one; processes exchange gradients once."""
        from accelerate.utils import send_to_device

        total = torch.zeros((), device=self._processes.device)
        progress = self.history.step / self._steps
        for number, batch in enumerate(passes, start=1):
            exchanged = last and number == len(passes)
            with nullcontext() if exchanged else self._processes.no_sync(self._module):
                loss = self._module(
                    send_to_device(batch, self._processes.device, non_blocking=True), progress
                )
                self._processes.backward(loss)
            total = total + loss.detach()
        return total

    def _record(self, norm: Tensor | None) -> None:
        """Keep the mean loss since the last record, of all processes together."""
        step = self.history.step
        sums = self._processes.gather(self._pending)
        loss = float(sums.mean()) / (step - self.history.recorded)
        self._pending = torch.zeros_like(self._pending)
        if not math.isfinite(loss):
            raise EngineError(
                f"training diverged: the loss is {loss} at step {step}; "
                "lower learning_rate, or raise warmup"
            )
        self.history.losses.append((step, loss))
        self._bar.loss(loss)
        rate = self._optimizer.param_groups[0]["lr"]
        facts = {"loss": loss, "learning_rate": rate}
        self._track(facts if norm is None else {**facts, "grad_norm": float(norm)})

    def _score(self) -> None:
        """Score the student and keep its weights if they are the best so far."""
        assert self._dev is not None
        on_gpu = self._processes.device.type == "cuda"
        devices = [self._processes.device] if on_gpu else []
        with torch.random.fork_rng(devices), torch.inference_mode():
            score = float(self._dev(self._student))
        self._module.train()
        better = all(score > before for _, before in self.history.scores)
        self.history.scores.append((self.history.step, score))
        self._track({"dev": score})
        if better and self._processes.is_main_process:
            save_weights(self._student.model, self.best_weights)

    def _save(self) -> None:
        Checkpoint(self._folder / f"checkpoint-{self.history.step}").save(
            self._passes,
            self._optimizer,
            self.history,
            pending=self._pending,
            processes=self._processes,
            identity=self._identity,
        )

    @contextmanager
    def _trackers(self) -> Iterator[None]:
        """Open the trackers of `report_to`, and leave what they were told in order."""
        processes = self._processes
        if processes.log_with:
            plain = (bool, int, float, str)
            told = {k: v for k, v in self._settings.dump().items() if isinstance(v, plain)}
            processes.init_trackers("trackers", told)
        try:
            yield
        finally:
            for tracker in processes.trackers:
                tracker.finish()

    def _track(self, facts: dict[str, float]) -> None:
        if self._processes.trackers:
            self._processes.log(facts, step=self.history.step)
