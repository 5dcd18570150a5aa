"""Settings of training: how long, in which steps, with which optimizer.

A step is defined by its examples alone: `batch_tokens` (or `batch_size`) holds for the whole
optimizer step. `accumulation` and the number of processes only say in how many pieces it is
computed, and change neither loss nor gradient.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from cotkd.config import Config


class Training(Config):
    """How a student is trained; the defaults suit models of a few million weights."""

    processed_tokens: int | None = Field(None, ge=1)
    """Budget in prompt and target tokens, padding excluded; goes before `epochs`."""
    epochs: float = Field(3.0, gt=0, allow_inf_nan=False)
    """Passes over the examples, where no token budget is set."""
    batch_tokens: int = Field(4096, ge=1)
    """Tokens of one optimizer step, padding within each task included."""
    batch_size: int | None = Field(None, ge=1)
    """Examples of one optimizer step; goes before `batch_tokens`."""
    accumulation: int = Field(1, ge=1)
    """Pieces that a step is computed in, to save memory."""
    rows: Literal["auto", "bucketed", "packed"] = "auto"
    """`bucketed` computes a step in passes of rows of similar length; `packed`, for decoders, puts
    several examples into a row; `auto` takes what computes less. No loss depends on it."""
    max_length: int | None = Field(None, ge=2)
    """Longest prompt and target together; rationales are cut to it, prompts and answers never."""
    optimizer: Literal["adamw", "muon"] = "adamw"
    """`muon` orthogonalises the update of hidden matrices and leaves the other weights to AdamW."""
    learning_rate: float = Field(1e-3, gt=0, allow_inf_nan=False)
    """Highest learning rate."""
    adamw_learning_rate: float | None = Field(None, gt=0, allow_inf_nan=False)
    """Under `muon`, the highest rate of the weights left to AdamW; None: `learning_rate`."""
    weight_decay: float = Field(0.0, ge=0, allow_inf_nan=False)
    """Decoupled weight decay of matrices; biases and norms have none."""
    max_grad_norm: float = Field(1.0, ge=0, allow_inf_nan=False)
    """Gradients are scaled down to this norm; 0 is off."""
    schedule: Literal["linear", "cosine", "constant"] = "linear"
    """How the learning rate falls."""
    warmup: float = Field(0.03, ge=0, le=1)
    """Share of the steps in which the learning rate rises from zero."""
    decay: float = Field(1.0, ge=0, le=1)
    """Share of the steps, at the end, in which it falls; below 1 it stays level before."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Of the arithmetic, the weights stay float32; auto is bfloat16 where the hardware has it."""
    eval_every: int | None = Field(None, ge=1)
    """Steps between two scores on the development questions; None: once, after the last step."""
    save_every: int | None = Field(None, ge=1)
    """Steps between two checkpoints to resume from; None: none."""
    log_every: int | None = Field(None, ge=1)
    """Steps between two records of the loss; None: about fifty records in all."""
    report_to: tuple[str, ...] = ()
    """Trackers, e.g. `tensorboard`; what they write lies beside the checkpoints."""
    gradient_checkpointing: bool = False
    """Compute activations twice to save memory."""
    seed: int = Field(0, ge=0)
    """Seed of the order of the examples and of dropout; in a run, added to the seed of the run."""

    @model_validator(mode="after")
    def _shares(self) -> Training:
        if self.schedule != "constant" and self.warmup == 1:
            raise ValueError("warmup=1 leaves no step for the schedule: lower it")
        return self
