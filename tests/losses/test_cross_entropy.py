"""Per-token cross-entropy."""

from __future__ import annotations

import pytest
import torch

from cotkd.losses import IGNORED, token_cross_entropy

LABELS = torch.tensor([[3, IGNORED, 1], [IGNORED, IGNORED, 0]])


def test_equals_minus_log_of_the_softmax_at_the_label() -> None:
    logits = torch.randn(2, 3, 5, generator=torch.Generator().manual_seed(0))
    probability = logits.double().softmax(-1)
    per_token = token_cross_entropy(logits, LABELS)
    for row, time in ((0, 0), (0, 2), (1, 2)):
        expected = -probability[row, time, LABELS[row, time]].log()
        assert per_token[row, time].item() == pytest.approx(expected.item(), abs=1e-6)


def test_ignored_tokens_have_no_loss_and_no_gradient() -> None:
    logits = torch.randn(2, 3, 5, requires_grad=True)
    per_token = token_cross_entropy(logits, LABELS)
    per_token.sum().backward()
    ignored = LABELS == IGNORED
    assert per_token[ignored].eq(0).all()
    assert logits.grad is not None
    assert logits.grad[ignored].eq(0).all()
    assert logits.grad[~ignored].ne(0).any(-1).all()


def test_uniform_logits_cost_the_log_of_the_vocabulary() -> None:
    per_token = token_cross_entropy(torch.zeros(2, 3, 8), LABELS)
    assert per_token[LABELS != IGNORED].tolist() == pytest.approx(
        [torch.tensor(8.0).log().item()] * 3
    )


def test_half_precision_logits_are_summed_in_float32() -> None:
    logits = torch.randn(2, 3, 500).bfloat16()
    assert token_cross_entropy(logits, LABELS).dtype == torch.float32
    exact = token_cross_entropy(logits.float(), LABELS)
    assert torch.equal(token_cross_entropy(logits, LABELS), exact)
