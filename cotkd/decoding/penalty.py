"""The repetition penalty: tokens that have occurred get smaller logits (Keskar et al., 2019)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


class RepetitionPenalty:
    """Keeps which tokens each live row has seen; at strength 1 it does and keeps nothing."""

    def __init__(self, strength: float, seen: Sequence[Sequence[int]], *, vocabulary: int) -> None:
        self._strength = strength
        self._seen: Tensor | None = None
        if strength == 1:
            return
        self._seen = torch.zeros(len(seen), vocabulary, dtype=torch.bool)
        for row, tokens in enumerate(seen):
            self._seen[row, list(tokens)] = True

    def __call__(self, logits: Tensor) -> Tensor:
        """Return `logits` [rows, vocabulary] with those of seen tokens lowered."""
        if self._seen is None:
            return logits
        self._seen = self._seen.to(logits.device)
        lowered = torch.where(logits > 0, logits / self._strength, logits * self._strength)
        return torch.where(self._seen, lowered, logits)

    def add(self, tokens: Tensor) -> None:
        """Note one new token [rows] of each live row."""
        if self._seen is not None:
            self._seen.scatter_(1, tokens.unsqueeze(1), True)

    def keep(self, rows: Tensor) -> None:
        """Go on with `rows` alone."""
        if self._seen is not None:
            self._seen = self._seen[rows]
