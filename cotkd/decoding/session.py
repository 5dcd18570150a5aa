"""A batch of rows inside a model: next-token logits, one token further, fewer rows.

`DecoderSession` and `EncoderDecoderSession` hide how the architectures differ; equal prompts are
encoded once and then fanned out.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Sequence
from typing import Any, Self

import torch
from torch import Tensor
from transformers import Cache
from transformers.modeling_outputs import BaseModelOutput

from cotkd.decoding.cache import can_join, forked, joined, new_cache
from cotkd.errors import EngineError

Ids = Sequence[Sequence[int]]
"""Rows of tokens."""
PREFILL_TOKENS = 8192
"""Prompt tokens encoded in one pass; activations of more than that leave a CPU's caches."""


class Session:
    """Rows being decoded; `logits` [rows, vocabulary] in float32 are for the next token."""

    logits: Tensor
    _cache: Cache
    seen: list[tuple[int, ...]]
    """Tokens of each row that count as having occurred before the first new one."""

    def scores(self, penalised: Tensor) -> Tensor:
        """Return what tokens are chosen by, given `logits` with the repetition penalty applied."""
        return penalised

    def advance(self, tokens: Tensor) -> None:
        """Append `tokens` [rows] and update `logits`."""
        self.logits = self.read(tokens.unsqueeze(1))[:, -1].float()

    def keep(self, rows: Tensor) -> None:
        """Go on with `rows` alone, in that order."""
        self._cache.batch_select_indices(rows)
        self._choose(rows)

    def fork(self, rows: Tensor, *, room: int) -> Self:
        """Return a session of `rows`, which may repeat; this one stays where it is."""
        part = copy.copy(self)
        part._cache = forked(self._cache, rows, room=room)
        part._choose(rows)
        part.logits = self.logits[rows]
        return part

    def _choose(self, rows: Tensor) -> None:
        """Take `rows` of what is held beside cache and logits."""
        raise NotImplementedError

    def read(self, tokens: Tensor) -> Tensor:
        """Append `tokens` [rows, length] and return the logits [rows, length, V] after each."""
        raise NotImplementedError


def open_session(
    model: Any,
    prompts: Ids,
    *,
    room: int,
    pad: int,
    opening: Sequence[int] = (),
) -> Session:
    """Encode `prompts` and return the session; up to `room` tokens will be appended.

    `opening` are tokens that an encoder-decoder is made to begin with.
    """
    if model.config.is_encoder_decoder:
        return EncoderDecoderSession(model, prompts, pad=pad, opening=opening)
    assert not opening, "a decoder's opening is part of its prompt"
    return DecoderSession(model, prompts, room=room, pad=pad)


class DecoderSession(Session):
    """Padding on the left, positions counted from each row's first real token."""

    def __init__(self, model: Any, prompts: Ids, *, room: int, pad: int) -> None:
        self._model = model
        self._accepts = accepted_inputs(model)
        self.seen = [tuple(prompt) for prompt in prompts]
        unique, fan_out = _unique(prompts, model.device)
        ids, mask = pad_left(unique, pad=pad, device=model.device)
        self._length = ids.shape[1]
        self._position = mask.sum(dim=1, keepdim=True)
        self._mask = torch.nn.functional.pad(mask, (0, room), value=True)
        self._padded = not bool(mask.all())
        self._encode(ids, (mask.cumsum(dim=1) - 1).clamp_(min=0))
        if fan_out is not None:
            self.keep(fan_out)
            self.logits = self.logits[fan_out]

    def _encode(self, ids: Tensor, positions: Tensor) -> None:
        """Run the prompts through the model, some rows at a time, and set cache and logits."""
        rows = max(1, PREFILL_TOKENS // self._length)
        if not can_join(new_cache(self._model.config)):
            rows = len(ids)
        caches, logits = [], []
        for part in torch.arange(len(ids), device=ids.device).split(rows):
            caches.append(new_cache(self._model.config))
            mask = self._mask[part, : self._length]
            logits.append(self._forward(ids[part], positions[part], mask, caches[-1])[:, -1])
        self._cache = joined(caches) if len(caches) > 1 else caches[0]
        self.logits = torch.cat(logits).float()

    def _forward(
        self, ids: Tensor, positions: Tensor, mask: Tensor, cache: Cache, *, last: int = 1
    ) -> Tensor:
        """Return logits of the `last` positions or of all."""
        inputs: dict[str, Any] = {"input_ids": ids, "past_key_values": cache}
        if self._padded:
            inputs["attention_mask"] = mask
        if "position_ids" in self._accepts:
            inputs["position_ids"] = positions
        if "logits_to_keep" in self._accepts:
            inputs["logits_to_keep"] = last
        logits: Tensor = self._model(**inputs, use_cache=True).logits
        return logits

    def read(self, tokens: Tensor) -> Tensor:
        """Append some tokens to each row and return their logits."""
        width = tokens.shape[1]
        self._length += width
        mask = self._mask[:, : self._length]
        positions = self._position + torch.arange(width, device=tokens.device)
        self._position = self._position + width
        return self._forward(tokens, positions, mask, self._cache, last=width)

    def _choose(self, rows: Tensor) -> None:
        self._mask, self._position = self._mask[rows], self._position[rows]


class EncoderDecoderSession(Session):
    """Encoder padding on the right; every row of the decoder starts with the start token."""

    def __init__(
        self,
        model: Any,
        prompts: Ids,
        *,
        pad: int,
        opening: Sequence[int] = (),
    ) -> None:
        self._model = model
        self._cache = new_cache(model.config)
        unique, fan_out = _unique(prompts, model.device)
        ids, mask = pad_right(unique, pad=pad, device=model.device)
        self._mask = mask.long()
        self._encoded = self._encode(ids)
        begun = (decoder_start(model), *opening)
        self.seen = [begun] * len(prompts)
        written = torch.tensor(begun, device=model.device).expand(len(unique), -1)
        self.logits = self.read(written)[:, -1].float()
        if fan_out is not None:
            self.keep(fan_out)
            self.logits = self.logits[fan_out]

    def _encode(self, ids: Tensor) -> Tensor:
        encoder = self._model.get_encoder()
        parts = torch.arange(len(ids), device=ids.device).split(
            max(1, PREFILL_TOKENS // ids.shape[1])
        )
        states = [encoder(input_ids=ids[part], attention_mask=self._mask[part]) for part in parts]
        return torch.cat([state.last_hidden_state for state in states])

    def read(self, tokens: Tensor) -> Tensor:
        """Append some tokens to each row of the decoder and return their logits."""
        output = self._model(
            decoder_input_ids=tokens,
            encoder_outputs=BaseModelOutput(last_hidden_state=self._encoded),
            attention_mask=self._mask,
            past_key_values=self._cache,
            use_cache=True,
        )
        logits: Tensor = output.logits
        return logits

    def _choose(self, rows: Tensor) -> None:
        self._encoded, self._mask = self._encoded[rows], self._mask[rows]


def accepted_inputs(model: Any) -> set[str]:
    """Return the names that the model's `forward` takes."""
    adapted = getattr(model, "get_base_model", None)  # adapters take `**kwargs` and hand them on
    return set(inspect.signature((adapted() if adapted else model).forward).parameters)


def decoder_start(model: Any) -> int:
    """Return the token that a decoder's output starts with."""
    for settings in (model.generation_config, model.config):
        for name in ("decoder_start_token_id", "bos_token_id"):
            token = getattr(settings, name, None)
            if token is not None:
                return int(token)
    raise EngineError("the encoder-decoder's config names no decoder_start_token_id")


def pad_left(rows: Ids, *, pad: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return token ids and a mask (True at real tokens), both [rows, longest]."""
    width = max(map(len, rows))
    ids = torch.tensor([[pad] * (width - len(row)) + list(row) for row in rows])
    lengths = torch.tensor([len(row) for row in rows])
    mask = torch.arange(width) >= width - lengths.unsqueeze(1)
    return ids.to(device), mask.to(device)


def pad_right(rows: Ids, *, pad: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return token ids and a mask (True at real tokens), both [rows, longest]."""
    width = max(map(len, rows))
    ids = torch.tensor([list(row) + [pad] * (width - len(row)) for row in rows])
    lengths = torch.tensor([len(row) for row in rows])
    mask = torch.arange(width) < lengths.unsqueeze(1)
    return ids.to(device), mask.to(device)


def _unique(prompts: Ids, device: torch.device) -> tuple[list[tuple[int, ...]], Tensor | None]:
    """Return the distinct prompts, and for each row which one it has (None: all are distinct)."""
    numbers: dict[tuple[int, ...], int] = {}
    which = [numbers.setdefault(tuple(prompt), len(numbers)) for prompt in prompts]
    if len(numbers) == len(prompts):
        return list(numbers), None
    return list(numbers), torch.tensor(which, device=device)
