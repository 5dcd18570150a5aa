"""Losses: plain functions on tensors, per token out, one place that divides.

Position t of the logits predicts label t:

    per_token = token_cross_entropy(logits, labels)          # [B, T], zero where labels are ignored
    loss = token_mean(per_token, count=trained_tokens)       # over the window and all processes
"""

from cotkd.losses.cross_entropy import IGNORED, token_cross_entropy
from cotkd.losses.divergence import symmetric_kl
from cotkd.losses.reduce import token_mean

__all__ = ["IGNORED", "symmetric_kl", "token_cross_entropy", "token_mean"]
