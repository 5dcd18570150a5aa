"""Optimizers: AdamW, or Muon for hidden matrices and AdamW for the rest, as one object.

One object means one state to store and one schedule to follow: `build_optimizer` returns it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import torch
from torch import nn
from torch.optim import AdamW, Muon, Optimizer

from cotkd.training.settings import Training


class MuonAdamW(Optimizer):
    """Each parameter group is stepped by the algorithm that its `algorithm` key names.

    Keller Jordan's Muon (2024) with the scale of "Muon is Scalable for LLM Training" (arXiv
    2502.16982), under which both algorithms take the same learning rate.
    """

    def __init__(self, groups: Iterable[dict[str, Any]]) -> None:
        groups = [dict(group) for group in groups]
        for group in groups:
            template = _ALGORITHMS[group["algorithm"]](group["params"], group["lr"])
            group.update({k: v for k, v in template.defaults.items() if k not in group})
        super().__init__(groups, {})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        """Take one step in every group."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            self._stepper(group).step()
        return loss

    def _stepper(self, group: dict[str, Any]) -> Optimizer:
        """Return an optimizer that shares this group and this object's state."""
        stepper = _ALGORITHMS[group["algorithm"]](group["params"], group["lr"])
        stepper.param_groups = [group]
        stepper.state = self.state
        return stepper


_ALGORITHMS: dict[str, Callable[[list[nn.Parameter], float], Optimizer]] = {
    "muon": lambda params, lr: Muon(params, lr=lr, adjust_lr_fn="match_rms_adamw"),
    "adamw": lambda params, lr: AdamW(params, lr=lr, betas=(0.9, 0.99)),
}


def build_optimizer(
    model: nn.Module, settings: Training, *, own: Sequence[nn.Parameter] = ()
) -> Optimizer:
    """Return the optimizer of the trainable weights of `model`, and of objectives' `own`."""
    groups = parameter_groups(model, settings, own=own)
    if settings.optimizer == "muon":
        return MuonAdamW(groups)
    plain = [{k: v for k, v in group.items() if k != "algorithm"} for group in groups]
    return AdamW(plain, fused=True)


def parameter_groups(
    model: nn.Module, settings: Training, *, own: Sequence[nn.Parameter] = ()
) -> list[dict[str, Any]]:
    """Return the trainable weights in groups of `algorithm`, rate and decay; none of them empty.

    Muon is for the matrices between embedding and output layer: both of those, tied or not, and
    everything that is not a matrix stay with AdamW.
    """
    outer = _outer_weights(model)
    muon = settings.optimizer == "muon"
    rate = settings.learning_rate
    rates = {"muon": rate, "adamw": settings.adamw_learning_rate or rate if muon else rate}
    groups: dict[tuple[str, bool], list[nn.Parameter]] = {}
    for weight in (*model.parameters(), *own):
        if weight.requires_grad:
            hidden = muon and weight.ndim == 2 and id(weight) not in outer
            algorithm = "muon" if hidden else "adamw"
            groups.setdefault((algorithm, weight.ndim >= 2), []).append(weight)
    return [
        {
            "params": weights,
            "algorithm": algorithm,
            "lr": rates[algorithm],
            "weight_decay": settings.weight_decay if decays else 0.0,
        }
        for (algorithm, decays), weights in groups.items()
    ]


def _outer_weights(model: nn.Module) -> set[int]:
    outer = {id(m.weight) for m in model.modules() if isinstance(m, nn.Embedding)}
    output = cast(Any, model).get_output_embeddings()
    return outer if output is None else outer | {id(output.weight)}
