"""A key-value cache that grows in steps and drops finished rows without copying the others.

The cache of `transformers` concatenates at every token, which copies all keys and values each time;
on a small model that costs as much as the model. Here a token is written into spare room, and a
finished row is overwritten by the last live one.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import Cache, DynamicCache, EncoderDecoderCache, PretrainedConfig
from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer

SPARE = 64
"""Positions added when the room is used up."""


def new_cache(config: PretrainedConfig) -> Cache:
    """Return an empty cache for a model; layers with a window keep the cache of `transformers`."""
    if not config.is_encoder_decoder:
        return _with_room(DynamicCache(config=config))
    return EncoderDecoderCache(
        _with_room(DynamicCache(config=config)), _with_room(DynamicCache(config=config))
    )


def _with_room(cache: DynamicCache) -> DynamicCache:
    cache.layers = [RoomyLayer() if type(x) is DynamicLayer else x for x in cache.layers]
    return cache


def joined(parts: Sequence[Cache]) -> Cache:
    """Return one cache with the rows of all `parts`, which are used up; lengths must be equal."""
    first, *others = parts
    for number, layer in enumerate(first.layers):
        rows = [layer, *(part.layers[number] for part in others)]
        keys, values = [one.keys for one in rows], [one.values for one in rows]
        if isinstance(layer, RoomyLayer):
            layer.hold(_roomy(keys), _roomy(values), rows=sum(map(len, keys)))
        else:
            layer.keys, layer.values = torch.cat(keys), torch.cat(values)
        for one in rows[1:]:
            one.keys = one.values = None
    return first


def can_join(cache: Cache) -> bool:
    """Whether all state of a cache is keys and values, one row for each sequence."""
    if isinstance(cache, EncoderDecoderCache):
        return can_join(cache.self_attention_cache) and can_join(cache.cross_attention_cache)
    return all(type(one) in (RoomyLayer, DynamicSlidingWindowLayer) for one in cache.layers)


def forked(cache: Cache, rows: Tensor, *, room: int) -> Cache:
    """Return a cache of copies of `rows`, which may repeat, with room for new positions."""
    fork = copy.copy(cache)
    if isinstance(cache, EncoderDecoderCache):
        fork.self_attention_cache = forked(cache.self_attention_cache, rows, room=room)
        fork.cross_attention_cache = forked(cache.cross_attention_cache, rows, room=0)
        fork.is_updated = dict(cache.is_updated)
        return fork
    fork.layers = [copy.copy(layer) for layer in cache.layers]
    for layer in fork.layers:
        keys, values = layer.keys[rows], layer.values[rows]
        if isinstance(layer, RoomyLayer):
            if room:
                keys, values = _roomy([keys], spare=room), _roomy([values], spare=room)
            layer.hold(keys, values, rows=len(rows))
        else:
            layer.keys, layer.values = keys, values
    return fork


class RoomyLayer(DynamicLayer):
    """Keys and values [rows, heads, length, width] as views into larger buffers."""

    is_croppable = False

    keys: Tensor
    values: Tensor
    _keys: Tensor
    _values: Tensor
    _length: int = 0

    def update(
        self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any
    ) -> tuple[Tensor, Tensor]:
        """Append the states of new tokens and return all of them."""
        rows, start = key_states.shape[0], self._length
        self._length += key_states.shape[2]
        if not start:
            self.lazy_initialization(key_states, value_states)
            self.hold(key_states, value_states, rows=rows)
            return self.keys, self.values
        if self._length > self._keys.shape[2]:
            spare = key_states.shape[2] + SPARE
            self._keys = _roomy([self.keys], spare=spare)
            self._values = _roomy([self.values], spare=spare)
        self._keys[:rows, :, start : self._length] = key_states
        self._values[:rows, :, start : self._length] = value_states
        self.hold(self._keys, self._values, rows=rows)
        return self.keys, self.values

    def hold(self, keys: Tensor, values: Tensor, *, rows: int) -> None:
        """Take over buffers, of which the first `rows` and positions are in use."""
        self._keys, self._values = keys, values
        self.keys, self.values = keys[:rows, :, : self._length], values[:rows, :, : self._length]

    def batch_select_indices(self, indices: Tensor) -> None:
        """Keep rows `indices`, in that order; only rows that change place are copied."""
        rows, length = len(indices), self._length
        if not length:
            return
        moved = (torch.arange(rows, device=indices.device) != indices).nonzero().squeeze(-1)
        source = indices[moved]
        ours = self._keys.shape[2] > length  # else it is the model's own output, not to be changed
        if ours and rows <= len(self.keys) and not bool((source < rows).any()):
            self._keys[moved, :, :length] = self._keys[source, :, :length]
            self._values[moved, :, :length] = self._values[source, :, :length]
            self.hold(self._keys, self._values, rows=rows)
            return
        keys, values = _roomy([self.keys[indices]]), _roomy([self.values[indices]])
        self.hold(keys, values, rows=rows)


def _roomy(parts: Sequence[Tensor], *, spare: int = SPARE) -> Tensor:
    """Return the rows of all parts in a new buffer with spare positions."""
    _, heads, filled, width = parts[0].shape
    buffer = parts[0].new_empty(sum(map(len, parts)), heads, filled + spare, width)
    start = 0
    for part in parts:
        buffer[start : start + len(part), :, :filled] = part
        start += len(part)
    return buffer
