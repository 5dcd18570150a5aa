"""Values without parameters as a module, beside those of objectives that train some."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn


class Values(nn.Module):
    """Calls what computes the values of an objective."""

    def __init__(self, values: Callable[..., Tensor]) -> None:
        super().__init__()
        self._values = values

    def forward(self, *given: Any) -> Tensor:
        """Return the value of each unit."""
        return self._values(*given)
