"""Rows of different lengths inside a decoder: some read on while others stay as they are.

    slots = Slots(model, 64, pad=0)
    slots.read(0, [[5, 17, 9], [5, 4]], [0, 0])      # logits after two prompts, in slots 0 and 1
    slots.step(tokens)                               # one token further in the first slots
    slots.read(1, [[8, 3]], [2])                     # slot 1 keeps its first two tokens, reads two

Keys and values stand at a token's own position in its row, whatever its neighbours hold: nothing is
padded between turns, a row is cut back by forgetting its end, and a slot is used again at no cost.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer

from cotkd.decoding.cache import SPARE, RoomyLayer, can_join, new_cache
from cotkd.decoding.loop import evaluating
from cotkd.decoding.session import PREFILL_TOKENS, Ids, accepted_inputs, pad_left


class Place:
    """Where the tokens of a pass go, the same in all layers."""

    def __init__(self, slots: int) -> None:
        self.slots, self.room = slots, 0
        self.first = 0
        """The slot of the first row."""
        self.rows = self.columns = torch.empty(0, dtype=torch.long)
        """[rows, 1] from zero, and the position [rows, width] of each token; padding goes last."""
        self.longest = 0
        """Positions that some row of the pass can see."""


class SlotLayer(DynamicLayer):
    """Keys and values [slots, heads, room, width] of one layer."""

    is_croppable = False

    def __init__(self, place: Place) -> None:
        super().__init__()
        self._place = place
        self._held: tuple[Tensor, Tensor] | None = None

    def update(
        self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any
    ) -> tuple[Tensor, Tensor]:
        """Write the states of a pass in their places and return what its rows can see."""
        at = self._place
        held = self._held or (key_states[:0], value_states[:0])
        if not len(held[0]) or held[0].shape[2] < at.room:
            held = (_larger(held[0], at), _larger(held[1], at))
        self._held = held
        rows = slice(at.first, at.first + len(key_states))
        for whole, new in zip(held, (key_states, value_states), strict=True):
            whole[rows][at.rows, :, at.columns] = new.transpose(1, 2)
        self.keys, self.values = (whole[rows, :, : at.longest] for whole in held)
        return self.keys, self.values

    def get_seq_length(self) -> int:
        """Return the positions that the rows of a pass can see."""
        return self._place.longest

    def move(self, to: Tensor, source: Tensor, length: int) -> None:
        """Put the rows of slots `source` into slots `to`; only `length` positions are in use."""
        for whole in self._held or ():
            whole[to, :, :length] = whole[source, :, :length]


def _larger(held: Tensor, at: Place) -> Tensor:
    _, heads, length, width = held.shape
    larger = held.new_zeros(at.slots, heads, at.room, width)
    if len(held):
        larger[:, :, :length] = held
    return larger


class Slots:
    """A decoder's rows, numbered by slot."""

    def __init__(self, model: Any, slots: int, *, pad: int) -> None:
        self._model, self._pad = model, pad
        self._device = model.device
        self._accepts = accepted_inputs(model)
        self._place = Place(slots)
        self._cache = DynamicCache(config=model.config)
        self._cache.layers = [SlotLayer(self._place) for _ in self._cache.layers]
        self._lengths = torch.zeros(slots, dtype=torch.long, device=self._device)
        self._longest = 0

    def read(self, first: int, ids: Ids, kept: Sequence[int]) -> Tensor:
        """Return logits [rows, V] after slots from `first` on have read `ids`.

        Args:
            first: The slot of the first row.
            ids: What each row reads, at least one token.
            kept: Tokens that each row keeps of what it has read before.
        """
        stop = first + len(ids)
        self._lengths[first:stop] = torch.tensor(kept, device=self._device)
        rows = max(1, PREFILL_TOKENS // max(map(len, ids)))
        parts = [
            self._read(first + start, ids[start : start + rows])
            for start in range(0, len(ids), rows)
        ]
        return torch.cat(parts)

    def _read(self, first: int, ids: Ids) -> Tensor:
        told, real = pad_left(ids, pad=self._pad, device=self._device)
        start = self._lengths[first : first + len(ids)]
        columns = start.unsqueeze(1) + real.cumsum(dim=1) - 1
        self._lengths[first : first + len(ids)] += real.sum(dim=1)
        return self._forward(first, told, columns, real)

    def step(self, tokens: Tensor) -> Tensor:
        """Return logits [rows, V] after the first slots have read one token [rows] each."""
        columns = self._lengths[: len(tokens)].unsqueeze(1).clone()
        self._lengths[: len(tokens)] += 1
        return self._forward(0, tokens.unsqueeze(1), columns)

    def arrange(self, order: Sequence[int]) -> None:
        """Put what was in slot `order[i]` into slot i."""
        moved = [to for to, source in enumerate(order) if to != source]
        if not moved:
            return
        to = torch.tensor(moved, device=self._device)
        source = torch.tensor([order[each] for each in moved], device=self._device)
        for layer in self._cache.layers:
            layer.move(to, source, self._longest)
        self._lengths[to] = self._lengths[source]

    def _forward(
        self, first: int, ids: Tensor, columns: Tensor, real: Tensor | None = None
    ) -> Tensor:
        place = self._place
        place.first = first
        place.rows = torch.arange(len(ids), device=self._device).unsqueeze(1)
        place.longest = int(columns.max()) + 1
        self._longest = max(self._longest, place.longest)
        if place.room <= self._longest:
            place.room = self._longest + max(SPARE, self._longest // 4)
        place.columns = columns if real is None else columns.masked_fill(~real, place.room - 1)
        positions = columns.clamp(min=0)
        seen = torch.arange(place.longest, device=self._device) <= positions.unsqueeze(-1)
        least = torch.finfo(self._model.dtype).min
        mask = torch.zeros(seen.shape, dtype=self._model.dtype, device=self._device)
        inputs: dict[str, Any] = {
            "input_ids": ids,
            "position_ids": positions,
            "attention_mask": mask.masked_fill_(~seen, least).unsqueeze(1),
            "past_key_values": self._cache,
        }
        if "logits_to_keep" in self._accepts:
            inputs["logits_to_keep"] = 1
        logits: Tensor = self._model(**inputs, use_cache=True).logits[:, -1]
        return logits.float()


def has_slots(model: Any) -> bool:
    """Say whether rows of different lengths give what each gives alone.

    It is found out by trying: most decoders follow positions and a mask of their own, but states
    that run along a row, windows, or attention kernels without masks do not.
    """
    if model.config.is_encoder_decoder or "position_ids" not in accepted_inputs(model):
        return False
    cache = new_cache(model.config)
    if not can_join(cache) or not all(type(one) is RoomyLayer for one in cache.layers):
        return False
    vocabulary = model.get_input_embeddings().weight.shape[0]
    rows = [[(7 * i + shift) % vocabulary for i in range(1, 7)] for shift in (3, 11)]
    try:
        with evaluating(model):
            slots = Slots(model, 2, pad=0)
            slots.read(0, [rows[0][:5], rows[1][:2]], [0, 0])
            slots.read(1, [rows[1][1:5]], [1])
            found = slots.step(torch.tensor([row[5] for row in rows], device=model.device))
            alone = torch.cat(
                [
                    model(input_ids=torch.tensor([row], device=model.device)).logits[:, -1]
                    for row in rows
                ]
            ).float()
    except (TypeError, ValueError, RuntimeError):
        return False
    within = 1e-2 * alone.abs().max().item()  # half precision rounds; another mask is far off
    return math.isfinite(within) and torch.allclose(found, alone, rtol=0, atol=within)
