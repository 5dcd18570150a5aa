"""Log-probabilities of given texts: one forward pass for each batch, no sampling.

score_tokens(model, tokenizer, prompts, targets)     # [[-0.1, -2.3], [-0.4]]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from cotkd.errors import SettingError
from cotkd.teachers.decoding import plan_batches
from cotkd.teachers.decoding.loop import evaluating, padding_token
from cotkd.teachers.decoding.session import accepted_inputs, decoder_start, pad_left, pad_right

Ids = Sequence[Sequence[int]]


def score_tokens(
    model: Any, tokenizer: Any, prompts: Ids, targets: Ids, *, batch_tokens: int
) -> list[list[float]]:
    """Return log P(target token | prompt, target tokens before it) in nats, row by row.

    Summed in float32 whatever the model's dtype. Raises `SettingError` where prompt and target do
    not fit in the model's context.
    """
    _check_lengths(model, prompts, targets)
    pad = padding_token(model, tokenizer)
    forward = _encoder_decoder if model.config.is_encoder_decoder else _decoder
    results: list[list[float]] = [[] for _ in targets]
    scored = [row for row, target in enumerate(targets) if target]
    lengths = [len(prompts[row]) + len(targets[row]) for row in scored]
    with evaluating(model):
        for places in plan_batches(lengths, batch_tokens=batch_tokens):
            rows = [scored[place] for place in places]
            batch = forward(
                model, [prompts[row] for row in rows], [targets[row] for row in rows], pad=pad
            )
            for row, values in zip(rows, batch, strict=True):
                results[row] = values
    return results


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
    values = _gather(logits, ids[:, -width:])
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
    values = _gather(logits, after)
    return [row[: len(target)] for row, target in zip(values, targets, strict=True)]


def _gather(logits: Tensor, tokens: Tensor) -> list[list[float]]:
    logits = logits.float()
    chosen = logits.gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    values: list[list[float]] = (chosen - torch.logsumexp(logits, dim=-1)).tolist()
    return values
