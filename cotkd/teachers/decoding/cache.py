"""A key-value cache that grows in steps and drops finished rows without copying the others.

The cache of `transformers` concatenates at every token, which copies all keys and values each time;
on a small model that costs as much as the model. Here a token is written into spare room, and a
finished row is overwritten by the last live one.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from transformers import Cache, DynamicCache, EncoderDecoderCache, PretrainedConfig
from transformers.cache_utils import DynamicLayer

SPARE = 64
"""Positions added when the room is used up."""


def new_cache(config: PretrainedConfig) -> Cache:
    """Return an empty cache for a model; layers with a window keep the cache of `transformers`."""
    if not config.is_encoder_decoder:
        return _roomy(DynamicCache(config=config))
    return EncoderDecoderCache(
        _roomy(DynamicCache(config=config)), _roomy(DynamicCache(config=config))
    )


def _roomy(cache: DynamicCache) -> DynamicCache:
    cache.layers = [RoomyLayer() if type(x) is DynamicLayer else x for x in cache.layers]
    return cache


class RoomyLayer(DynamicLayer):  # type: ignore[misc]
    """Keys and values [rows, heads, length, width] as views into larger buffers."""

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        """Take over dtype and device; the first `update` makes the buffers."""
        super().lazy_initialization(key_states, value_states)
        self._keys = key_states[:, :, :0]
        self._values = value_states[:, :, :0]

    def update(
        self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any
    ) -> tuple[Tensor, Tensor]:
        """Append the states of new tokens and return all of them."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        rows, start = key_states.shape[0], self.get_seq_length()
        end = start + key_states.shape[2]
        if end > self._keys.shape[2]:
            self._keys = _grown(self._keys[:rows, :, :start], end)
            self._values = _grown(self._values[:rows, :, :start], end)
        self._keys[:rows, :, start:end] = key_states
        self._values[:rows, :, start:end] = value_states
        self.keys, self.values = self._keys[:rows, :, :end], self._values[:rows, :, :end]
        return self.keys, self.values

    def batch_select_indices(self, indices: Tensor) -> None:
        """Keep rows `indices`, in that order; only rows that change place are copied."""
        rows, length = len(indices), self.get_seq_length()
        if not length:
            return
        places = torch.arange(rows, device=indices.device)
        moved = (places != indices).nonzero().squeeze(-1)
        source = indices[moved]
        if rows > len(self.keys) or bool((source < rows).any()):
            self._keys = _grown(self.keys[indices], length)
            self._values = _grown(self.values[indices], length)
        elif len(moved):
            self._keys[moved, :, :length] = self._keys[source, :, :length]
            self._values[moved, :, :length] = self._values[source, :, :length]
        self.keys, self.values = self._keys[:rows, :, :length], self._values[:rows, :, :length]


def _grown(states: Tensor, length: int) -> Tensor:
    rows, heads, filled, width = states.shape
    buffer = states.new_empty(rows, heads, length + SPARE, width)
    buffer[:, :, :filled] = states
    return buffer
