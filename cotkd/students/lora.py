"""Low-rank adapters (Hu et al. 2021, arXiv 2106.09685) through peft."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from cotkd.config import Config
from cotkd.errors import MissingDependency, SettingError

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
    seed: int = Field(0, ge=0)
    """Seed of the adapters' first weights."""


def add_lora(model: PreTrainedModel, settings: Lora) -> Any:
    """Return `model` with fresh adapters, its own weights frozen; its outputs are unchanged.

    Raises:
        MissingDependency: peft is not installed.
        SettingError: no module of the model matches `targets`.
    """
    import torch

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
        try:
            return get_peft_model(model, config)
        except ValueError as error:
            reason = str(error).splitlines()[0]
            raise SettingError(f"lora.targets={settings.targets!r}: {reason}") from None


def choose_adapter(model: Any, name: str) -> None:
    """Compute with the adapter `name` from now on; all adapters stay trainable.

    `set_adapter` of peft would freeze the others, whose gradients of an earlier pass then never
    reach the optimizer.
    """
    from peft.tuners.tuners_utils import BaseTunerLayer

    for module in model.modules():
        if isinstance(module, BaseTunerLayer):
            module._active_adapter = [name]
