"""Cross-entropy of each target token, unreduced."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

IGNORED = -100
"""Label of a position that is not trained (prompt, padding, tokens outside the loss spans)."""


def token_cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the negative log-likelihood of each label, in nats.

    Position t of `logits` predicts position t of `labels`: a decoder's labels are shifted by the
    collator, not here.

    Args:
        logits: [batch, time, vocabulary], any floating dtype; the softmax is taken in float32, of
            float64 logits in float64.
        labels: [batch, time] token ids, `IGNORED` where nothing is trained.

    Returns:
        [batch, time] in that dtype; exactly zero, with exactly zero gradient, at ignored positions.
    """
    exact = logits.to(torch.promote_types(logits.dtype, torch.float32))
    per_token = functional.cross_entropy(
        exact.flatten(0, 1), labels.flatten(), ignore_index=IGNORED, reduction="none"
    )
    return per_token.view_as(labels)
