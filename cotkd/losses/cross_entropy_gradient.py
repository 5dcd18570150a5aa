"""Cross-entropy of each token together with its gradient, for whoever needs both at once."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from cotkd.losses.cross_entropy import IGNORED

BLOCK = 2**18
"""Logits that a CPU works on at a time: few enough to stay in its cache, which halves the time."""


def cross_entropy_gradient(logits: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    """Return what `token_cross_entropy` returns, and turn `logits` into d(sum_t w_t loss_t).

    That is w_t (softmax - one-hot), exactly zero where labels are ignored. It takes the place of
    the logits, so that nothing else of their size is alive; autograd does not see it.

    Args:
        logits: [tokens, vocabulary], any floating dtype; the softmax is taken in float32, of
            float64 logits in float64. Overwritten.
        labels: [tokens] ids, `IGNORED` where nothing is trained.
        weights: [tokens] weight of each loss.

    Returns:
        [tokens] losses, in the dtype of the softmax.
    """
    dtype = torch.promote_types(logits.dtype, torch.float32)
    losses = logits.new_zeros(len(logits), dtype=dtype)
    ignored = labels == IGNORED
    indices = labels.masked_fill(ignored, 0).unsqueeze(1)
    factors = weights.masked_fill(ignored, 0.0).to(dtype).unsqueeze(1)
    rows = max(1, BLOCK // logits.shape[1] if logits.is_cpu else len(logits))
    with torch.no_grad():
        for start in range(0, len(logits), rows):
            block = slice(start, start + rows)
            shares = functional.log_softmax(logits[block], dim=-1, dtype=dtype)
            losses[block] = -shares.gather(1, indices[block]).squeeze(1)
            shares.exp_().scatter_add_(1, indices[block], shares.new_full(indices[block].shape, -1))
            logits[block] = shares.mul_(factors[block])
    return losses.masked_fill(ignored, 0.0)
