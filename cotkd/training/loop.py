"""The training loop: `transformers.Trainer` with the planned batches and our own loss.

What is replaced, and why:

- the data: batches are planned before training starts, so that nothing depends on a sampler, and a
  micro-batch may be several forward passes of little padding;
- the loss: per token, divided once by the trained tokens of the whole step. The Trainer's own
  normalisation is wrong for models that ignore `num_items_in_batch`, as the T5 family does;
- the arithmetic: autocast around the forward pass alone, so that scoring between steps runs in the
  precision of evaluation;
- evaluation: a callable on the student, since only generated answers tell students apart.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from operator import itemgetter
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import DataLoader
from transformers import PrinterCallback, Trainer, TrainingArguments

from cotkd.decoding.loading import quiet
from cotkd.losses import symmetric_kl, token_cross_entropy, token_mean
from cotkd.students.lora import choose_adapter
from cotkd.students.student import Student
from cotkd.students.writing import writing
from cotkd.training.checkpoints import mark_complete, restore_weights, save_weights, whole_or_none
from cotkd.training.data import Batch, PlannedBatches
from cotkd.training.forward import trained_logits
from cotkd.training.optimizer import build_optimizer
from cotkd.training.schedule import rate_factor
from cotkd.training.settings import Training

SCORE = "eval_dev"
ADAPTERS = "trainable.safetensors"
"""In a checkpoint: the weights of all adapters."""


class Loop(Trainer):
    """One optimizer step per planned step; knows nothing of methods."""

    optimizer: Any
    lr_scheduler: Any
    control: Any

    def __init__(
        self,
        student: Student,
        batches: PlannedBatches,
        settings: Training,
        *,
        args: TrainingArguments,
        identity: str,
        dev: Callable[[Student], float] | None,
        callbacks: list[Any],
    ) -> None:
        use_cache = student.model.config.use_cache
        # A Trainer with a loss function takes it that the loss is normalised over the whole step.
        super().__init__(
            student.model,
            args,
            train_dataset=batches,
            callbacks=callbacks,
            compute_loss_func=token_mean,
        )
        student.model.config.use_cache = use_cache  # the Trainer switches off what it then saves
        self.remove_callback(PrinterCallback)
        self.student = student
        self.settings = settings
        self._identity = identity
        self._dev = dev
        self._adapted = hasattr(student.model, "peft_config")
        self._autocast = torch.autocast(
            args.device.type,
            dtype=torch.bfloat16,
            enabled=resolve_precision(settings) == "bfloat16",
        )

    @property
    def best_weights(self) -> Path:
        """File of the best weights so far."""
        return Path(self.args.output_dir) / "best.safetensors"

    def get_train_dataloader(self) -> DataLoader[Any]:
        """Return the planned batches in order; each process has its own."""
        return DataLoader(self.train_dataset, batch_size=1, collate_fn=itemgetter(0))

    def create_optimizer(self, model: Any = None) -> torch.optim.Optimizer:
        """Return the optimizer that the settings name."""
        if self.optimizer is None:
            self.optimizer = build_optimizer(model or self.model, self.settings)
        return self.optimizer

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> LambdaLR:
        """Return the learning-rate schedule of the settings."""
        if self.lr_scheduler is None:
            steps, settings = num_training_steps, self.settings
            self.lr_scheduler = LambdaLR(
                optimizer or self.optimizer, lambda step: rate_factor(step, steps, settings)
            )
            self._created_lr_scheduler = True
        return self.lr_scheduler

    def training_step(
        self, model: Any, inputs: list[Batch], num_items_in_batch: Any = None
    ) -> Tensor:
        """Compute the passes of a micro-batch one by one; processes exchange gradients once."""
        total = torch.zeros((), device=self.args.device)
        for batch in inputs[:-1]:
            with self.accelerator.no_sync(model):
                total += super().training_step(model, batch)
        return total + super().training_step(model, inputs[-1])

    def compute_loss(
        self,
        model: Any,
        inputs: Batch,
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """Return this pass's share of the loss of the step.

        Gradients are averaged over processes, so the share is scaled up by their number.
        """
        del return_outputs, num_items_in_batch
        adapter = inputs.pop("adapter", None)
        if adapter is not None:
            choose_adapter(self.student.model, adapter)
        places, labels, weight, count = (
            inputs.pop(name) for name in ("places", "labels", "weight", "count")
        )
        pairs, pair_weight = (inputs.pop(name, None) for name in ("pairs", "pair_weight"))
        with self._autocast:
            logits = trained_logits(model, inputs, places)
        per_token = token_cross_entropy(logits.unsqueeze(1), labels.unsqueeze(1))
        loss = token_mean(per_token, count=count, weight=weight)
        if pairs is not None:
            loss = loss + (symmetric_kl(logits[pairs[0]], logits[pairs[1]]) * pair_weight).sum()
        loss = loss * self.args.world_size
        return loss + self._untouched() if adapter is not None else loss

    def _untouched(self) -> Tensor:
        """Return zero, as a function of all trained weights.

        Processes that wait for the gradient of every weight would wait for ever for those of the
        adapters that a pass leaves out.
        """
        if self.args.world_size == 1:
            return torch.zeros((), device=self.args.device)
        trained = [w for w in self.student.model.parameters() if w.requires_grad]
        return torch.stack([weight.sum() for weight in trained]).sum() * 0.0

    def evaluate(self, *args: Any, **kwargs: Any) -> dict[str, float]:
        """Score the student and keep its weights if they are the best so far."""
        assert self._dev is not None
        with torch.random.fork_rng(), torch.inference_mode():
            score = float(self._dev(self.student))
        metrics = {SCORE: score}
        self.log(dict(metrics))
        best = self.state.best_metric
        if (best is None or score > best) and self.is_world_process_zero():
            save_weights(self.model, self.best_weights)
        self.control = self.callback_handler.on_evaluate(
            self.args, self.state, self.control, metrics
        )
        return metrics

    def floating_point_ops(self, inputs: dict[str, Any]) -> int:
        """Return 0: the estimate walks over all weights at every step and nothing reads it."""
        return 0

    def _get_num_items_in_batch(self, batch_samples: list[Any], device: Any) -> None:
        """Return None: the plan knows the counts of all processes."""

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        folder = Path(self.args.output_dir) / f"checkpoint-{self.state.global_step}"
        with whole_or_none(folder):
            with quiet(), writing(folder):
                super()._save_checkpoint(model, trial)
                if self._adapted and self.is_world_process_zero():
                    save_weights(self.model, folder / ADAPTERS)
            self.accelerator.wait_for_everyone()
            if self.is_world_process_zero():
                mark_complete(folder, self._identity)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        """Read weights back; of adapters only one would stay trainable if peft read them."""
        if self._adapted:
            restore_weights(self.model, Path(resume_from_checkpoint) / ADAPTERS)
        else:
            super()._load_from_checkpoint(resume_from_checkpoint, model)


def resolve_precision(settings: Training) -> str:
    """Return `float32` or `bfloat16`: auto takes the latter where the hardware multiplies in it."""
    if settings.precision != "auto":
        return settings.precision
    if torch.cuda.is_available():
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
    native = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    return "bfloat16" if native() else "float32"


def arguments(settings: Training, folder: Path) -> TrainingArguments:
    """Return the Trainer's arguments; one of its epochs is the whole plan."""
    accelerated = torch.cuda.is_available()
    several = int(os.environ.get("WORLD_SIZE", "1")) > 1
    return TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=1,
        gradient_accumulation_steps=settings.accumulation,
        max_grad_norm=settings.max_grad_norm,
        seed=settings.seed,
        data_seed=settings.seed,
        logging_strategy="no",
        logging_nan_inf_filter=False,
        eval_strategy="no",
        save_strategy="no",
        metric_for_best_model=SCORE,
        greater_is_better=True,
        report_to=list(settings.report_to),
        disable_tqdm=True,
        use_cpu=not accelerated,
        **({"ddp_backend": "gloo"} if several and not accelerated else {}),
        ddp_find_unused_parameters=False if several else None,
        ddp_broadcast_buffers=False if several else None,
        dataloader_pin_memory=accelerated,
        remove_unused_columns=False,
    )
