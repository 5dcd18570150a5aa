"""Attention for training short rows on a CPU: two matrix products and few passes between them.

At the length of a rationale the fused kernel spends most of a step in its backward pass, and
that of `transformers` walks over the [batch, heads, time, time] scores once for the scale, once
per mask and twice for a conversion. Here the scale is applied to the queries, masks are added in
place, and the softmax stays in the dtype of the scores (it is summed in float32 inside).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.masking_utils import eager_mask

NAME = "cotkd_plain"
FAMILIES = frozenset({"llama", "qwen2", "qwen3", "t5"})
"""Model types whose attention is scale, masks and softmax, with nothing else in between."""


def plain_attention(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    position_bias: Tensor | None = None,
    **_: Any,
) -> tuple[Tensor, Tensor]:
    """Return the attended values [batch, time, heads, width] and the attention weights.

    Args:
        module: The attention layer; its `num_key_value_groups` queries share a key.
        query: [batch, heads, time, width].
        key: [batch, heads or fewer, source, width].
        value: As `key`.
        attention_mask: Added to the scores, broadcast to [batch, heads, time, source].
        scaling: Of the scores; one over the root of the width if None.
        dropout: Of the attention weights, while training.
        position_bias: Added to the scores, as in T5.
    """
    groups = query.shape[1] // key.shape[1]
    if groups > 1:
        key, value = (each.repeat_interleave(groups, dim=1) for each in (key, value))
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    scores = (query if scale == 1 else query * scale) @ key.transpose(2, 3)
    for bias in (position_bias, attention_mask):
        if bias is not None:
            scores = scores.add_(bias)
    with torch.autocast(scores.device.type, enabled=False):
        weights = scores.softmax(dim=-1)
    if dropout:
        weights = functional.dropout(weights, p=dropout, training=module.training)
    return (weights @ value).transpose(1, 2).contiguous(), weights


AttentionInterface.register(NAME, plain_attention)
AttentionMaskInterface.register(NAME, eager_mask)
