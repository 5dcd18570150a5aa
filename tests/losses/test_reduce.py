"""The one place that divides."""

from __future__ import annotations

import pytest
import torch

from cotkd.losses import token_mean

PER_TOKEN = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
MASK = torch.tensor([[True, True, False], [True, False, False]])


def test_is_the_mean_over_the_trained_tokens() -> None:
    assert token_mean(PER_TOKEN, MASK, count=3).item() == pytest.approx((1 + 2 + 4) / 3)


def test_values_at_masked_positions_do_not_matter_even_if_not_finite() -> None:
    other = PER_TOKEN.masked_fill(~MASK, float("nan"))
    assert token_mean(other, MASK, count=3) == token_mean(PER_TOKEN, MASK, count=3)


def test_shares_of_micro_batches_add_up_to_the_whole() -> None:
    whole = token_mean(PER_TOKEN, MASK, count=3)
    parts = [token_mean(PER_TOKEN[i : i + 1], MASK[i : i + 1], count=3) for i in (0, 1)]
    assert sum(parts).item() == pytest.approx(whole.item(), rel=1e-6)


def test_an_all_masked_batch_is_zero_and_differentiable() -> None:
    losses = PER_TOKEN.clone().requires_grad_()
    loss = token_mean(losses, torch.zeros_like(MASK), count=0)
    loss.backward()
    assert loss.item() == 0
    assert losses.grad is not None
    assert losses.grad.eq(0).all()


def test_constant_weights_scale_the_mean() -> None:
    weight = torch.full((2,), 0.25)
    scaled = token_mean(PER_TOKEN, MASK, count=3, weight=weight)
    assert scaled.item() == pytest.approx(0.25 * token_mean(PER_TOKEN, MASK, count=3).item())


def test_tasks_are_averaged_apart() -> None:
    """Two rows of two tasks: each is divided by its own tokens, whatever the other has."""
    loss = token_mean(PER_TOKEN, MASK, count=torch.tensor([2.0, 1.0]))
    assert loss.item() == pytest.approx((1 + 2) / 2 + 4 / 1)
