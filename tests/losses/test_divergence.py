"""The symmetric divergence: what it is, where it is zero, and that it draws both sides."""

import torch

from cotkd.losses import symmetric_kl


def drawn(seed: int) -> torch.Tensor:
    return torch.randn(5, 7, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def test_it_is_the_mean_of_both_directions() -> None:
    one, other = drawn(0), drawn(1)
    p, q = (torch.distributions.Categorical(logits=logits) for logits in (one, other))
    both = torch.distributions.kl_divergence(p, q) + torch.distributions.kl_divergence(q, p)
    torch.testing.assert_close(symmetric_kl(one, other), both / 2)
    torch.testing.assert_close(symmetric_kl(one, other), symmetric_kl(other, one))


def test_it_is_zero_for_equal_predictions_alone() -> None:
    one = drawn(0)
    assert symmetric_kl(one, one + 3.0).abs().max() < 1e-14
    assert symmetric_kl(one, drawn(1)).min() > 1e-3


def test_both_sides_are_drawn_together() -> None:
    one, other = drawn(0).requires_grad_(), drawn(1).requires_grad_()
    symmetric_kl(one, other).sum().backward()
    before = symmetric_kl(one, other)
    assert (symmetric_kl(one - 0.01 * one.grad, other) < before).all()
    assert (symmetric_kl(one, other - 0.01 * other.grad) < before).all()
