"""Cross-entropy with its gradient: what autograd makes of the loss, in place of the logits."""

from __future__ import annotations

import pytest
import torch

from cotkd.losses import IGNORED, token_cross_entropy
from cotkd.losses.cross_entropy_gradient import cross_entropy_gradient

LABELS = torch.tensor([3, 0, IGNORED, 16, 3, 8, IGNORED])
WEIGHTS = torch.tensor([0.5, 2.0, 1.0, 0.0, -1.0, 0.25, 0.0])


def by_autograd(logits: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    leaf = logits.clone().requires_grad_()
    losses = token_cross_entropy(leaf.unsqueeze(1), LABELS.unsqueeze(1)).squeeze(1)
    (losses * WEIGHTS).sum().backward()
    return losses.detach(), leaf.grad


@pytest.mark.parametrize("block", [1, 40, 10**6])
@pytest.mark.parametrize(
    ("dtype", "within"), [(torch.float64, 1e-12), (torch.float32, 1e-6), (torch.bfloat16, 4e-3)]
)
def test_losses_and_gradient_are_those_of_autograd(
    block: int, dtype: torch.dtype, within: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cotkd.losses.cross_entropy_gradient.BLOCK", block)
    logits = (5 * torch.randn(7, 17, generator=torch.Generator().manual_seed(0))).to(dtype)
    losses, gradient = by_autograd(logits)
    found = cross_entropy_gradient(logits, LABELS, WEIGHTS)
    assert torch.equal(found, losses)
    assert logits.dtype == gradient.dtype == dtype
    torch.testing.assert_close(logits, gradient, rtol=within, atol=within / 10)
    assert torch.count_nonzero(logits[LABELS == IGNORED]) == 0


def test_a_gradient_sums_to_zero_over_the_vocabulary() -> None:
    logits = torch.randn(7, 17, dtype=torch.float64)
    cross_entropy_gradient(logits, LABELS, WEIGHTS)
    torch.testing.assert_close(logits.sum(-1), torch.zeros(7, dtype=torch.float64))


def test_of_no_tokens_there_are_no_losses() -> None:
    nothing = torch.zeros(0, dtype=torch.int64)
    assert cross_entropy_gradient(torch.zeros(0, 17), nothing, torch.zeros(0)).shape == (0,)
