"""The roomy cache layer holds what the concatenating one of `transformers` holds."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers.cache_utils import DynamicLayer

from cotkd.decoding.cache import SPARE, RoomyLayer, new_cache
from tests.tiny import tiny_llama, tiny_qwen3, tiny_t5


def states(generator, rows, length):
    return torch.randn(rows, 2, length, 3, generator=generator)


@settings(deadline=None)
@given(st.data())
def test_any_updates_and_selections_give_the_same_states(data):
    generator = torch.Generator().manual_seed(0)
    plain, roomy = DynamicLayer(), RoomyLayer()
    rows = data.draw(st.integers(1, 5))
    for _ in range(data.draw(st.integers(1, 6))):
        length = data.draw(st.sampled_from([1, 1, 2, SPARE, SPARE + 3]))
        keys, values = states(generator, rows, length), states(generator, rows, length)
        expected, found = plain.update(keys, values), roomy.update(keys, values)
        torch.testing.assert_close(found, expected, rtol=0, atol=0)
        chosen = data.draw(st.lists(st.integers(0, rows - 1), min_size=1, max_size=7))
        for layer in (plain, roomy):
            layer.batch_select_indices(torch.tensor(chosen))
        rows = len(chosen)
        torch.testing.assert_close(roomy.keys, plain.keys, rtol=0, atol=0)
        torch.testing.assert_close(roomy.values, plain.values, rtol=0, atol=0)
        assert roomy.get_seq_length() == plain.get_seq_length()


def test_moving_the_last_row_into_a_hole_copies_nothing_else():
    layer = RoomyLayer()
    layer.update(*[states(torch.Generator().manual_seed(0), 4, 5)] * 2)
    layer.update(*[states(torch.Generator().manual_seed(1), 4, 1)] * 2)
    address, last = layer.keys.data_ptr(), layer.keys[3].clone()
    layer.batch_select_indices(torch.tensor([0, 3, 2]))
    assert layer.keys.data_ptr() == address
    torch.testing.assert_close(layer.keys[1], last, rtol=0, atol=0)


def test_layers_with_a_window_are_left_as_they_are():
    window = {"use_sliding_window": True, "sliding_window": 8, "max_window_layers": 1}
    mixed = new_cache(tiny_qwen3(**window).config)
    assert [type(layer) is RoomyLayer for layer in mixed.layers] == [True, False]
    assert all(type(layer) is RoomyLayer for layer in new_cache(tiny_llama().config).layers)
    assert all(
        type(layer) is RoomyLayer
        for layer in new_cache(tiny_t5().config).cross_attention_cache.layers
    )
