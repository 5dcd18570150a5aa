"""Rows of different lengths in one cache: each gives what it gives alone."""

from __future__ import annotations

import pytest
import torch
from transformers import MistralConfig, MistralForCausalLM

from cotkd.decoding.slots import Slots, has_slots
from tests.tiny import tiny_gpt2, tiny_llama, tiny_qwen3, tiny_t5

ROWS = [[5, 17, 9, 4], [8, 3], [21, 6, 7, 30, 11, 2]]


def alone(model, row: list[int]) -> torch.Tensor:
    with torch.inference_mode():
        return model(input_ids=torch.tensor([row])).logits[0, -1]


@pytest.mark.parametrize("build", [tiny_llama, tiny_qwen3, tiny_gpt2])
def test_reading_on_moving_and_cutting_back_change_nothing(build) -> None:
    model = build(seed=1).double().eval()
    slots = Slots(model, 3, pad=0)
    with torch.inference_mode():
        found = slots.read(0, ROWS, [0, 0, 0])
        torch.testing.assert_close(found, torch.stack([alone(model, row) for row in ROWS]).float())
        found = slots.step(torch.tensor([40, 41]))
        longer = [ROWS[0] + [40], ROWS[1] + [41]]
        torch.testing.assert_close(
            found, torch.stack([alone(model, row) for row in longer]).float()
        )
        slots.arrange([2, 1, 0])
        found = slots.read(1, [[9] * 80, [3]], [1, 4])
        expected = [alone(model, ROWS[1][:1] + [9] * 80), alone(model, ROWS[0] + [3])]
        torch.testing.assert_close(found, torch.stack(expected).float())
        found = slots.step(torch.tensor([12]))
        torch.testing.assert_close(found[0], alone(model, ROWS[2] + [12]).float())


def test_models_that_cannot_are_found_out() -> None:
    assert has_slots(tiny_llama(seed=1))
    assert not has_slots(tiny_t5(seed=1))
    windowed = MistralForCausalLM(
        MistralConfig(
            vocab_size=60,
            hidden_size=16,
            intermediate_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            num_key_value_heads=2,
            sliding_window=4,
        )
    )
    assert not has_slots(windowed)
