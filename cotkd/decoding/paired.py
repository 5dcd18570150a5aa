"""A session of row pairs: each row is read in two contexts, and chosen from by their contrast.

session = PairedSession(model, prompts, contrasts, room=64, pad=0)     # as many rows as prompts
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from cotkd.decoding.contrast import Contrasts, contrasted
from cotkd.decoding.session import Ids, Session, open_session


class PairedSession(Session):
    """Rows 2i and 2i + 1 of one inner session are row i, so that pairs retire without gaps."""

    def __init__(
        self,
        model: Any,
        prompts: Ids,
        contrasts: Contrasts,
        *,
        room: int,
        pad: int,
    ) -> None:
        pairs = list(zip(prompts, contrasts.prompts, strict=True))
        both = [prompt for pair in pairs for prompt in pair]
        self._inner = open_session(model, both, room=room, pad=pad)
        self._strength, self._plausibility = contrasts.strength, contrasts.plausibility
        equal = torch.tensor([list(one) == list(other) for one, other in pairs])
        self._equal = equal.unsqueeze(1).to(self._inner.logits.device) if equal.any() else None
        self.seen = self._inner.seen[::2]
        self.logits = self._inner.logits[::2]

    def scores(self, penalised: Tensor) -> Tensor:
        """Return the contrast of the two contexts."""
        other = self._inner.logits[1::2]
        if self._equal is not None:  # rows of one batch may differ by rounding
            other = torch.where(self._equal, self.logits, other)
        return contrasted(
            penalised,
            self.logits,
            other,
            strength=self._strength,
            plausibility=self._plausibility,
        )

    def advance(self, tokens: Tensor) -> None:
        """Append one token to both rows of each pair."""
        self._inner.advance(tokens.repeat_interleave(2))
        self.logits = self._inner.logits[::2]

    def keep(self, rows: Tensor) -> None:
        """Drop both rows of the other pairs."""
        self._inner.keep(torch.stack([2 * rows, 2 * rows + 1], dim=1).flatten())
        if self._equal is not None:
            self._equal = self._equal[rows]
