"""An objective with a parameter of its own: cross-entropy under a trained temperature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from cotkd.losses import token_cross_entropy
from cotkd.objectives.token import TokenObjective


class Scaled(TokenObjective):
    """The loss of the tokens at logits times a trained number."""

    kind: Literal["test_scaled"] = "test_scaled"

    def values(self, logits: Sequence[Tensor], told: Mapping[str, Tensor]) -> Tensor:
        raise AssertionError("the module computes the values")

    def module(self, model: nn.Module) -> nn.Module:
        return _Scale()


class _Scale(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.full((1,), 0.5))

    def forward(self, logits: Sequence[Tensor], told: Mapping[str, Tensor]) -> Tensor:
        scaled = (logits[0] * self.scale).unsqueeze(1)
        return token_cross_entropy(scaled, told["labels"].unsqueeze(1)).squeeze(1)
