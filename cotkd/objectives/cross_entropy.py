"""Cross-entropy of every trained token: the objective of all methods that train text.

L = Σ_task weight · (1 / trained tokens of the task) Σ_t -log p(t | prompt, tokens before)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from cotkd.objectives.token import TokenObjective

if TYPE_CHECKING:
    from torch import Tensor


class CrossEntropy(TokenObjective):
    """The negative log-likelihood of each trained token, a mean over the tokens of its task."""

    kind: Literal["cross_entropy"] = "cross_entropy"

    def values(self, logits: Sequence[Tensor], told: Mapping[str, Tensor]) -> Tensor:
        """Return the loss of each token, in nats."""
        from cotkd.losses import token_cross_entropy

        (of_tokens,) = logits
        per_token = token_cross_entropy(of_tokens.unsqueeze(1), told["labels"].unsqueeze(1))
        return per_token.squeeze(1)

    def gradient(
        self, logits: Sequence[Tensor], told: Mapping[str, Tensor], weights: Tensor
    ) -> Tensor:
        """Return the losses, and turn the logits into w (softmax - one-hot)."""
        from cotkd.losses.cross_entropy_gradient import cross_entropy_gradient

        return cross_entropy_gradient(logits[0], told["labels"], weights)
