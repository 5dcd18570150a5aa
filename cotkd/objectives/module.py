"""An objective as a module, so that one with parameters of its own is trained like any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from torch import Tensor, nn

if TYPE_CHECKING:
    from cotkd.objectives.base import Objective


class Values(nn.Module):
    """The values of an objective without parameters."""

    def __init__(self, objective: Objective) -> None:
        super().__init__()
        self._objective = objective

    def forward(self, logits: Sequence[Tensor], told: Mapping[str, Tensor]) -> Tensor:
        """Return the value of each unit."""
        return self._objective.values(logits, told)
