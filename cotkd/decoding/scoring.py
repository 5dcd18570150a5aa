"""Log-probabilities of given texts: forward passes, no sampling; equal prompts are read once.

score_tokens(model, tokenizer, prompts, targets, batch_tokens=8192)     # [[-0.1, -2.3], [-0.4]]
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from cotkd.decoding import plan_batches
from cotkd.decoding.cache import can_join, new_cache
from cotkd.decoding.choice import log_probability
from cotkd.decoding.loop import evaluating, padding_token
from cotkd.decoding.session import (
    Ids,
    Session,
    accepted_inputs,
    decoder_start,
    open_session,
    pad_left,
    pad_right,
)
from cotkd.errors import SettingError

Groups = Mapping[tuple[int, ...], list[int]]
Scored = tuple[list[int], list[list[float]]]

LOGITS = 2**27
"""Logits made in one pass over targets: half a gigabyte in float32."""


def score_tokens(
    model: Any, tokenizer: Any, prompts: Ids, targets: Ids, *, batch_tokens: int
) -> list[list[float]]:
    """Return log P(target token | prompt, target tokens before it) in nats, row by row.

    Rows with equal prompts share one reading of it. Summed in float32 whatever the model's dtype.
    Raises `SettingError` where prompt and target do not fit in the model's context.
    """
    _check_lengths(model, prompts, targets)
    pad = padding_token(model, tokenizer)
    results: list[list[float]] = [[] for _ in targets]
    scored = [row for row, target in enumerate(targets) if target]
    groups: dict[tuple[int, ...], list[int]] = {}
    for row in scored:
        groups.setdefault(tuple(prompts[row]), []).append(row)
    shared = len(groups) < len(scored) and can_join(new_cache(model.config))
    batches = _after_prompts if shared else _whole
    with evaluating(model):
        for rows, values in batches(model, groups, targets, pad=pad, batch_tokens=batch_tokens):
            for row, found in zip(rows, values, strict=True):
                results[row] = found
    return results


def _after_prompts(
    model: Any, groups: Groups, targets: Ids, *, pad: int, batch_tokens: int
) -> Iterator[Scored]:
    """Read some prompts, then the targets after copies of their states, of similar length."""
    prompts = list(groups)
    for chosen in plan_batches([len(prompt) for prompt in prompts], batch_tokens=batch_tokens):
        rows = [row for place in chosen for row in groups[prompts[place]]]
        source = [number for number, place in enumerate(chosen) for _ in groups[prompts[place]]]
        room = max(len(targets[row]) for row in rows)
        session = open_session(model, [prompts[place] for place in chosen], room=room, pad=pad)
        width = max(len(prompts[place]) for place in chosen)
        costs = _costs(session, [len(targets[row]) for row in rows], width, batch_tokens)
        for places in plan_batches(costs, batch_tokens=batch_tokens):
            part = [rows[place] for place in places]
            copied = torch.tensor([source[place] for place in places], device=model.device)
            yield part, _read(session, copied, [targets[row] for row in part], pad=pad)


def _costs(session: Session, lengths: Sequence[int], width: int, batch_tokens: int) -> list[int]:
    """Return token positions of rows; more where the logits of large vocabularies weigh more."""
    logits = batch_tokens * session.logits.shape[-1] / LOGITS
    return [max(width + length, math.ceil(length * logits)) for length in lengths]


def _read(session: Session, copied: Tensor, targets: Ids, *, pad: int) -> list[list[float]]:
    ids, _ = pad_right(targets, pad=pad, device=copied.device)
    session = session.fork(copied, room=ids.shape[1])
    values = log_probability(session.logits.unsqueeze(1), ids[:, :1])
    if ids.shape[1] > 1:
        logits = session.read(ids[:, :-1]).float()
        values = torch.cat([values, log_probability(logits, ids[:, 1:])], dim=1)
    return [row[: len(target)] for row, target in zip(values.tolist(), targets, strict=True)]


def _whole(
    model: Any, groups: Groups, targets: Ids, *, pad: int, batch_tokens: int
) -> Iterator[Scored]:
    """Read each prompt together with its target, where no two rows share one."""
    pairs = [(prompt, row) for prompt, rows in groups.items() for row in rows]
    forward = _encoder_decoder if model.config.is_encoder_decoder else _decoder
    lengths = [len(prompt) + len(targets[row]) for prompt, row in pairs]
    for places in plan_batches(lengths, batch_tokens=batch_tokens):
        rows = [pairs[place][1] for place in places]
        prompts = [pairs[place][0] for place in places]
        yield rows, forward(model, prompts, [targets[row] for row in rows], pad=pad)


def _check_lengths(model: Any, prompts: Ids, targets: Ids) -> None:
    context = getattr(model.config, "max_position_embeddings", None)
    if context is None:
        return
    for prompt, target in zip(prompts, targets, strict=True):
        parts = [len(prompt), len(target)]
        longest = max(parts) if model.config.is_encoder_decoder else sum(parts)
        if longest > context:
            raise SettingError(
                f"a text of {longest} tokens exceeds the model's context of {context}"
            )


def _decoder(model: Any, prompts: Ids, targets: Ids, *, pad: int) -> list[list[float]]:
    """Left padding puts all targets at the end, so that logits are made for the end alone."""
    joined = [[*prompt, *target] for prompt, target in zip(prompts, targets, strict=True)]
    ids, mask = pad_left(joined, pad=pad, device=model.device)
    width = max(map(len, targets))
    inputs: dict[str, Any] = {"input_ids": ids, "attention_mask": mask}
    accepts = accepted_inputs(model)
    if "position_ids" in accepts:
        inputs["position_ids"] = (mask.cumsum(dim=1) - 1).clamp_(min=0)
    if "logits_to_keep" in accepts:
        inputs["logits_to_keep"] = width + 1
    logits = model(**inputs, use_cache=False).logits[:, -width - 1 : -1]
    values = log_probability(logits.float(), ids[:, -width:]).tolist()
    return [row[width - len(target) :] for row, target in zip(values, targets, strict=True)]


def _encoder_decoder(model: Any, prompts: Ids, targets: Ids, *, pad: int) -> list[list[float]]:
    ids, mask = pad_right(prompts, pad=pad, device=model.device)
    start = decoder_start(model)
    inputs = [[start, *target[:-1]] for target in targets]
    before, _ = pad_right(inputs, pad=pad, device=model.device)
    after, _ = pad_right(targets, pad=pad, device=model.device)
    logits = model(
        input_ids=ids, attention_mask=mask.long(), decoder_input_ids=before, use_cache=False
    ).logits
    values = log_probability(logits.float(), after).tolist()
    return [row[: len(target)] for row, target in zip(values, targets, strict=True)]
