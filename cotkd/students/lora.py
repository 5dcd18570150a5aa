"""Low-rank adapters (Hu et al. 2021, arXiv 2106.09685) through peft.

One adapter for all tasks, or one for each: `heads_of(model)` names the tasks that have their own,
and `choose_adapter(model, "explain")` decides whose is computed with.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, unquote

from pydantic import Field

from cotkd.config import Config
from cotkd.errors import MissingDependency, SettingError, first_line

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class Lora(Config):
    """Train small adapter matrices and leave the base weights as they are."""

    rank: int = Field(16, ge=1)
    """Width of the adapters."""
    alpha: float = Field(32.0, gt=0)
    """The adapter's output is scaled by alpha / rank."""
    dropout: float = Field(0.0, ge=0, lt=1)
    """Dropout in front of the adapters while training."""
    targets: str | tuple[str, ...] = "all-linear"
    """Names of the adapted modules, or `all-linear`: every linear layer but the output layer."""
    per_task: bool = False
    """An adapter for each task of a method, instead of one for all."""
    base: Literal["full", "nf4"] = "full"
    """Weights beneath the adapters: as they are, or in four bits (QLoRA, Dettmers et al. 2023,
    arXiv 2305.14314; needs bitsandbytes)."""
    seed: int = Field(0, ge=0)
    """Seed of the adapters' first weights."""


def add_lora(model: PreTrainedModel, settings: Lora, tasks: Sequence[str] = ()) -> Any:
    """Return `model` with fresh adapters, its own weights frozen; its outputs are unchanged.

    Args:
        model: Its own weights are frozen.
        settings: Of the adapters.
        tasks: Tasks of the training, which `settings.per_task` asks for.

    Raises:
        MissingDependency: peft is not installed.
        SettingError: no module of the model matches `targets`, or `tasks` are needed.
    """
    import torch

    if settings.per_task and not tasks:
        raise SettingError("lora.per_task: an adapter for each task needs the names of the tasks")

    try:
        from peft import LoraConfig, TaskType, get_peft_model
    except ImportError:
        raise MissingDependency("adapters need peft: pip install peft") from None
    task = TaskType.SEQ_2_SEQ_LM if model.config.is_encoder_decoder else TaskType.CAUSAL_LM
    targets = settings.targets if isinstance(settings.targets, str) else list(settings.targets)
    config = LoraConfig(
        task_type=task,
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=targets,
    )
    with torch.random.fork_rng():
        torch.manual_seed(settings.seed)
        first, *others = map(adapter_name, tasks if settings.per_task else ("default",))
        try:
            with warnings.catch_warnings():  # peft reads a name that transformers will give up
                warnings.filterwarnings("ignore", r"`is_gradient_checkpointing` is", FutureWarning)
                adapted = get_peft_model(model, config, adapter_name=first)
        except ValueError as error:
            reason = first_line(error)
            raise SettingError(f"lora.targets={settings.targets!r}: {reason}") from None
        for name in others:
            adapted.add_adapter(name, copy.deepcopy(config))
    for name, weight in adapted.named_parameters():
        if "lora_" in name:  # peft freezes all adapters but one
            weight.requires_grad_(True)
    return adapted


def adapter_name(task: str) -> str:
    """Return the name of a task's adapter: no dots, since it is part of the names of weights."""
    return quote(task, safe="").replace(".", "%2E")


def heads_of(model: Any) -> tuple[str, ...]:
    """Return the tasks with an adapter of their own; empty where all weights serve all tasks."""
    adapters = tuple(getattr(model, "peft_config", {}))
    return () if adapters == ("default",) else tuple(map(unquote, adapters))


def task_among(task: str | None, known: Iterable[str]) -> str | None:
    """Return which of the `known` tasks a head of this task is, None where it is none of them.

    A task that was trained in parts, `explain:teacher-a` and `explain:teacher-b`, is answered by
    the first of these.
    """
    names = list(known)
    if task is None or task in names:
        return task
    return next((name for name in names if name.startswith(f"{task}:")), None)


def choose_adapter(model: Any, task: str) -> None:
    """Compute with the adapter of `task` from now on; all adapters stay trainable.

    `set_adapter` of peft would freeze the others, whose gradients of an earlier pass then never
    reach the optimizer.
    """
    for _, layer in _adapted(model):
        layer._active_adapter = [adapter_name(task)]


def merged(model: Any, task: str | None = None) -> Any:
    """Return a plain model with the weights of one adapter added to its own.

    Weights in four bits are expanded first: added to those, an adapter would be rounded away.
    """
    import torch

    name = adapter_name(task or "default")
    base = copy.deepcopy(model).unload()
    if getattr(base, "is_quantized", False):
        base = base.dequantize()
    with torch.no_grad():
        for place, layer in _adapted(model.get_base_model()):
            weight = base.get_submodule(place).weight
            weight += layer.get_delta_weight(name).to(weight.dtype)
    return base


def _adapted(model: Any) -> list[tuple[str, Any]]:
    """Return the layers with adapters, by name."""
    from peft.tuners.tuners_utils import BaseTunerLayer

    return [(name, m) for name, m in model.named_modules() if isinstance(m, BaseTunerLayer)]
