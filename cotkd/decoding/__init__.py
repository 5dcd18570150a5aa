r"""The one decode loop, for teachers and students, decoder-only and encoder-decoder models.

    generate(model, tokenizer, ["Q: 2+3?\nA:"] * 4, sampling=Sampling(), seeds=[1, 2, 3, 4])

What a row becomes depends on its prompt, its seed and the sampling settings, and not on the rows
beside it: batches are planned from lengths before the first token, padding is masked and has no
position, and each token is drawn by inverse CDF from one uniform number of (seed, step). Across
batch sizes results agree up to rounding.

This module imports no torch; the modules beside it do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cotkd.decoding.generation import Generation
from cotkd.decoding.plan import plan_batches
from cotkd.decoding.sampling import Sampling
from cotkd.errors import SettingError
from cotkd.types import Architecture

__all__ = [
    "BATCH_TOKENS",
    "Generation",
    "Sampling",
    "architecture_of",
    "generate",
    "plan_batches",
    "score",
]

BATCH_TOKENS = 32_768
"""Default token positions of one batch, padding and room for new tokens included."""


def architecture_of(model: Any) -> Architecture:
    """Return which of the two families a `transformers` model belongs to."""
    return "encoder-decoder" if model.config.is_encoder_decoder else "decoder"


def generate(
    model: Any,
    tokenizer: Any,
    prompts: Sequence[str],
    *,
    sampling: Sampling,
    seeds: Sequence[int] | None = None,
    batch_tokens: int = BATCH_TOKENS,
    opening: str = "",
) -> list[Generation]:
    """Continue each prompt once and return the continuations in the order of the prompts.

    A prompt that fills the model's context becomes a generation with `finish_reason="error"`.

    Args:
        model: Any causal or encoder-decoder model of `transformers`, on its device, in its dtype.
        tokenizer: The model's tokenizer.
        prompts: Equal prompts of one batch are encoded once.
        sampling: Temperature 0 decodes greedily and needs no seeds.
        seeds: One integer for each prompt; equal prompts with equal seeds give equal texts.
        batch_tokens: Rows of one batch times their longest possible length.
        opening: What an encoder-decoder is made to begin with; it is not part of the results.
    """
    from cotkd.decoding.loop import Decoder
    from cotkd.decoding.text import encode_written

    if sampling.temperature > 0 and (seeds is None or len(seeds) != len(prompts)):
        given = "none" if seeds is None else len(seeds)
        raise SettingError(f"sampling needs one seed for each prompt ({len(prompts)}): got {given}")
    decoder = Decoder(model, tokenizer)
    encoded = decoder.encode(prompts)
    begun = encode_written(tokenizer, [opening])["input_ids"][0] if opening else ()
    results: list[Generation | None] = [None] * len(prompts)
    plan = plan_batches(
        [len(ids) + sampling.max_tokens for ids in encoded], batch_tokens=batch_tokens
    )
    for rows in plan:
        batch = decoder(
            [encoded[row] for row in rows],
            sampling=sampling,
            seeds=None if seeds is None else [seeds[row] for row in rows],
            opening=begun,
        )
        for row, generation in zip(rows, batch, strict=True):
            results[row] = generation
    return [result for result in results if result is not None]


def score(
    model: Any,
    tokenizer: Any,
    prompts: Sequence[str],
    continuations: Sequence[str],
    *,
    batch_tokens: int = 8192,
) -> list[list[float]]:
    """Return the log-probability, in nats, of every token of each continuation after its prompt.

    Prompt and continuation are tokenised apart; the end token is not scored.
    """
    from cotkd.decoding.scoring import score_tokens
    from cotkd.decoding.text import encode_continuations, encode_prompts

    if len(prompts) != len(continuations):
        raise SettingError(f"{len(prompts)} prompts for {len(continuations)} continuations")
    encoded = encode_prompts(tokenizer, prompts, architecture=architecture_of(model))
    targets = encode_continuations(tokenizer, continuations)
    return score_tokens(model, tokenizer, encoded, targets, batch_tokens=batch_tokens)
