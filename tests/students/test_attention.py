"""Plain attention gives what the attention of `transformers` gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from cotkd.students.attention import NAME
from cotkd.students.load import load_student
from tests.tiny import build_tokenizer, save, tiny_bart, tiny_llama, tiny_qwen3, tiny_t5

MASK = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])
IDS = torch.tensor([[5, 9, 30, 7, 11], [8, 21, 6, 0, 0]])


def outputs(build: Any, attention: str) -> tuple[torch.Tensor, list[torch.Tensor]]:
    model = build(attn_implementation=attention)
    inputs = {"input_ids": IDS, "attention_mask": MASK}
    if model.config.is_encoder_decoder:
        inputs["decoder_input_ids"] = IDS
    logits = model(**inputs, use_cache=False).logits[MASK.bool()]
    logits.square().mean().backward()
    return logits, [weight.grad for weight in model.parameters()]


@pytest.mark.parametrize("build", [tiny_llama, tiny_qwen3, tiny_t5])
def test_logits_and_gradients_equal_those_of_the_library(build: Any) -> None:
    expected, gradients = outputs(build, "eager")
    logits, own = outputs(build, NAME)
    torch.testing.assert_close(logits, expected, rtol=1e-4, atol=1e-4)
    for gradient, other in zip(own, gradients, strict=True):
        torch.testing.assert_close(gradient, other, rtol=1e-3, atol=1e-3 * other.abs().max().item())


@pytest.mark.skipif(torch.cuda.is_available(), reason="the fused kernel is taken on a GPU")
def test_it_is_taken_for_families_it_is_right_for_and_never_saved(tmp_path: Path) -> None:
    for build, expected in ((tiny_llama, NAME), (tiny_t5, NAME), (tiny_bart, "eager")):
        folder = save(tmp_path / build.__name__, build(), build_tokenizer())
        student = load_student(folder)
        assert student.model.config._attn_implementation == expected
        saved = student.save(tmp_path / f"{build.__name__}-saved")
        assert NAME not in (saved / "config.json").read_text()


def test_half_precision_stays_close() -> None:
    exact, _ = outputs(tiny_llama, NAME)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rough, _ = outputs(tiny_llama, NAME)
    assert (rough.float() - exact).abs().mean() < 0.05 * exact.abs().mean()
