"""The one place where a loss is divided.

A mean over what happens to lie in one micro-batch is wrong as soon as an optimizer step is spread
over several micro-batches or processes. So the divisor is always handed in: the number of trained
tokens of the row's task in the whole step, over the accumulation window and all processes.
"""

from __future__ import annotations

import torch
from torch import Tensor


def token_mean(
    per_token: Tensor,
    mask: Tensor | None = None,
    *,
    count: Tensor | float,
    weight: Tensor | None = None,
) -> Tensor:
    """Return this micro-batch's share of the weighted token mean: sum_b w_b sum_t l_bt / n_b.

    Added up over the micro-batches and processes of a step, the shares are, for rows of one task
    with weight w, w times the mean over the task's trained tokens; for rows of several tasks, the
    sum of those means. Rows of one task never change the divisor of another.

    Args:
        per_token: [batch, time] losses.
        mask: [batch, time], true where a token is trained; None where untrained losses are zero.
        count: Trained tokens in the whole step, a number or [batch]: of the task of each row.
        weight: [batch] weight of each row, 1 if None.

    Returns:
        A scalar, summed in float32 or in the wider dtype of the losses; zero for a batch without a
        trained token.
    """
    if mask is not None:
        per_token = per_token.masked_fill(~mask.bool(), 0.0)
    dtype = torch.promote_types(per_token.dtype, torch.float32)
    rows = per_token.to(dtype).sum(dim=1)
    if weight is not None:
        rows = rows * weight
    divisor = torch.as_tensor(count, dtype=rows.dtype, device=rows.device).clamp(min=1)
    return (rows / divisor).sum()
