"""Tokenised examples to the padded arrays of one batch, for both architectures.

Labels are aligned with the logits: position t of the logits predicts position t of `labels`. For a
decoder with prompt (p q) and target (a b </s>), two rows of a batch are

    input_ids       p q a b          r s a _
    attention_mask  1 1 1 1          1 1 1 0
    labels            a b </s>         a </s> .        . is IGNORED, _ is padding

where the columns in which every row still reads its prompt are left out of the labels: the logits
of the last `labels.shape[1]` positions are all that is needed.

An encoder-decoder reads the prompt, and `decoder_input_ids` are the target moved right by one
behind the start token. They come from the target, not from the labels: a token that is not trained
is still read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cotkd.formats.tokenize import TokenizedExample
from cotkd.types import Architecture

if TYPE_CHECKING:
    from torch import Tensor

_IGNORED = -100  # losses.IGNORED, which cannot be imported without torch; a test holds them equal


def collate(
    examples: Sequence[TokenizedExample],
    *,
    architecture: Architecture,
    pad: int,
    decoder_start: int | None = None,
) -> dict[str, Tensor]:
    """Return `input_ids`, `attention_mask`, `labels` and for two stacks `decoder_input_ids`.

    Padding is on the right; every tensor is int64 of shape [batch, longest row], but for a
    decoder's labels, which start at the first position that predicts a target.

    Args:
        examples: The rows of the batch, in order.
        architecture: How prompt and target are laid out.
        pad: Id of the padding token.
        decoder_start: Id that an encoder-decoder's target follows.
    """
    import torch

    if architecture == "decoder":
        arrays = _decoder(examples, pad)
    else:
        assert decoder_start is not None, "an encoder-decoder needs its start token"
        arrays = _encoder_decoder(examples, pad, decoder_start)
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


def _decoder(examples: Sequence[TokenizedExample], pad: int) -> dict[str, NDArray[Any]]:
    inputs = [example.prompt + example.target[:-1] for example in examples]
    first = min(len(example.prompt) for example in examples)
    labels = [[_IGNORED] * (len(row.prompt) - first) + _labels(row) for row in examples]
    return {
        "input_ids": _padded(inputs, pad),
        "attention_mask": _mask(inputs),
        "labels": _padded(labels, _IGNORED),
    }


def _encoder_decoder(
    examples: Sequence[TokenizedExample], pad: int, decoder_start: int
) -> dict[str, NDArray[Any]]:
    prompts = [example.prompt for example in examples]
    return {
        "input_ids": _padded(prompts, pad),
        "attention_mask": _mask(prompts),
        "decoder_input_ids": _padded([[decoder_start, *e.target[:-1]] for e in examples], pad),
        "labels": _padded([_labels(example) for example in examples], _IGNORED),
    }


def _labels(example: TokenizedExample) -> list[int]:
    pairs = zip(example.target, example.trained, strict=True)
    return [token if trained else _IGNORED for token, trained in pairs]


def _padded(rows: Sequence[Sequence[int]], fill: int) -> NDArray[Any]:
    batch = np.full((len(rows), max(map(len, rows))), fill, dtype=np.int64)
    for into, row in zip(batch, rows, strict=True):
        into[: len(row)] = row
    return batch


def _mask(rows: Sequence[Sequence[int]]) -> NDArray[Any]:
    lengths = np.fromiter(map(len, rows), dtype=np.int64, count=len(rows))
    return (np.arange(lengths.max()) < lengths[:, None]).astype(np.int64)
