"""From next-token logits to one token a row: greedy, or by inverse CDF of one uniform number.

tokens = choose(logits, sampling, uniform)          # logits [B, V], uniform [B] -> [B]
"""

from __future__ import annotations

import torch
from torch import Tensor

from cotkd.decoding.sampling import Sampling


def choose(logits: Tensor, sampling: Sampling, uniform: Tensor | None) -> Tensor:
    """Return token ids [B].

    Args:
        logits: [B, V] in float32, with the repetition penalty applied.
        sampling: Temperature, top-k and top-p.
        uniform: [B] in float64, inside (0, 1); unused at temperature 0.

    The cumulative distribution runs in order of token id: ranking by probability would let rounding
    noise swap neighbours. It is summed in float64.
    """
    if sampling.temperature == 0:
        return logits.argmax(dim=-1)
    assert uniform is not None
    probabilities = restrict(logits / sampling.temperature, sampling).softmax(dim=-1)
    cumulative = probabilities.cumsum(dim=-1, dtype=torch.float64)
    target = uniform.unsqueeze(-1) * cumulative[:, -1:]
    return torch.searchsorted(cumulative, target, right=True).squeeze(-1)


def restrict(logits: Tensor, sampling: Sampling) -> Tensor:
    """Return `logits` [B, V] with minus infinity outside the top-k and then the top-p set."""
    if 0 < sampling.top_k < logits.shape[-1]:
        least = logits.topk(sampling.top_k, dim=-1).values[:, -1:]
        logits = logits.masked_fill(logits < least, -torch.inf)
    if sampling.top_p < 1:
        ranked, order = logits.softmax(dim=-1).sort(dim=-1, descending=True, stable=True)
        mass_before = ranked.cumsum(dim=-1, dtype=torch.float64) - ranked
        outside = torch.zeros_like(logits, dtype=torch.bool)
        outside.scatter_(-1, order, mass_before >= sampling.top_p)
        logits = logits.masked_fill(outside, -torch.inf)
    return logits


def log_probability(logits: Tensor, tokens: Tensor) -> Tensor:
    """Return the log-probability [B, …] of `tokens` [B, …] under `logits` [B, …, V], in nats."""
    chosen = logits.gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    return chosen - logits.logsumexp(dim=-1)
