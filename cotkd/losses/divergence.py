"""How far two predictions of the same token lie apart, unreduced."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def symmetric_kl(one: Tensor, other: Tensor) -> Tensor:
    """Return (KL(p || q) + KL(q || p)) / 2 of each row, in nats; zero where p equals q.

    Args:
        one: [rows, vocabulary] logits of p, any floating dtype; the softmax is taken in float32, of
            float64 logits in float64.
        other: [rows, vocabulary] logits of q.

    Returns:
        [rows] in that dtype, summed over the vocabulary as (p - q)(log p - log q) / 2, of which no
        term is negative.
    """
    p, q = (_log_shares(logits) for logits in (one, other))
    return ((p.exp() - q.exp()) * (p - q)).sum(dim=-1) / 2


def _log_shares(logits: Tensor) -> Tensor:
    return functional.log_softmax(
        logits, dim=-1, dtype=torch.promote_types(logits.dtype, torch.float32)
    )
