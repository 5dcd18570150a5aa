"""Tokenised examples to the padded arrays of one forward pass, for both architectures.

A decoder reads prompt and target in one row; with prompt (p q) and target (a b </s>), two rows are

    input_ids       p q a b          r s a _          _ is padding
    attention_mask  1 1 1 1          1 1 1 0

or packed, several examples in one row, told apart by positions that start again:

    input_ids       p q a b r s a
    position_ids    0 1 2 3 0 1 2

An encoder-decoder reads the prompt, and `decoder_input_ids` are the target moved right by one
behind the start token. They come from the target, not from the labels: a token that is not trained
is still read.

Only trained tokens have labels. `places` says where in the flattened [rows x width] output each is
predicted, and `owner` whose it is: the output layer then computes these places and no others.
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

Arrays = dict[str, NDArray[Any]]


def collate(
    examples: Sequence[TokenizedExample],
    *,
    architecture: Architecture,
    pad: int,
    decoder_start: int | None = None,
    rows: Sequence[Sequence[int]] | None = None,
) -> dict[str, Tensor]:
    """Return what the model reads, and `labels`, `places`, `owner` of all trained tokens.

    Padding is on the right. What the model reads is [rows, longest row], the rest [trained tokens];
    all is int64.

    Args:
        examples: The examples of the pass.
        architecture: How prompt and target are laid out.
        pad: Id of the padding token.
        decoder_start: Id that an encoder-decoder's target follows.
        rows: Which examples stand in each row; None is one example a row. Several in one row are
            for decoders alone.
    """
    import torch

    rows = [(i,) for i in range(len(examples))] if rows is None else rows
    if architecture == "decoder":
        arrays = _decoder(examples, rows, pad)
    else:
        assert decoder_start is not None, "an encoder-decoder needs its start token"
        assert all(len(row) == 1 for row in rows), "an encoder-decoder's rows are not packed"
        arrays = _encoder_decoder([examples[i] for (i,) in rows], rows, pad, decoder_start)
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


def _decoder(
    examples: Sequence[TokenizedExample], rows: Sequence[Sequence[int]], pad: int
) -> Arrays:
    read = [example.prompt + example.target[:-1] for example in examples]
    ids = _padded([[token for i in row for token in read[i]] for row in rows], pad)
    width = ids.shape[1]
    starts, owners = [], []
    for number, row in enumerate(rows):
        start = number * width
        for i in row:
            starts.append(start + len(examples[i].prompt) - 1)
            owners.append(i)
            start += len(read[i])
    if all(len(row) == 1 for row in rows):
        told: Arrays = {"attention_mask": _mask([read[i] for (i,) in rows])}
    else:
        told = {"position_ids": _positions([[len(read[i]) for i in row] for row in rows], width)}
    return {"input_ids": ids, **told, **_trained(examples, owners, starts)}


def _encoder_decoder(
    examples: Sequence[TokenizedExample],
    rows: Sequence[Sequence[int]],
    pad: int,
    decoder_start: int,
) -> Arrays:
    prompts = [example.prompt for example in examples]
    targets = _padded([[decoder_start, *example.target[:-1]] for example in examples], pad)
    starts = [number * targets.shape[1] for number in range(len(examples))]
    trained = _trained(examples, range(len(examples)), starts)
    trained["owner"] = np.array([i for (i,) in rows], dtype=np.int64)[trained["owner"]]
    return {
        "input_ids": _padded(prompts, pad),
        "attention_mask": _mask(prompts),
        "decoder_input_ids": targets,
        **trained,
    }


def _trained(
    examples: Sequence[TokenizedExample], owners: Sequence[int], starts: Sequence[int]
) -> Arrays:
    """Return the trained tokens of `owners`, whose first target token is predicted at `starts`."""
    trained = [np.flatnonzero(examples[i].trained) for i in owners]
    labels = [
        np.array(examples[i].predicted, dtype=np.int64)[own]
        for i, own in zip(owners, trained, strict=True)
    ]
    places = [start + own for start, own in zip(starts, trained, strict=True)]
    return {
        "labels": np.concatenate(labels),
        "places": np.concatenate(places).astype(np.int64),
        "owner": np.repeat(np.array(owners, dtype=np.int64), list(map(len, trained))),
    }


def _positions(lengths: Sequence[Sequence[int]], width: int) -> NDArray[Any]:
    """Return positions that start again with every example, and with the padding behind them."""
    rows = [[*row, width - sum(row)] for row in lengths]
    return np.stack([np.concatenate([np.arange(n) for n in row]) for row in rows])


def _padded(rows: Sequence[Sequence[int]], fill: int) -> NDArray[Any]:
    batch = np.full((len(rows), max(map(len, rows))), fill, dtype=np.int64)
    for into, row in zip(batch, rows, strict=True):
        into[: len(row)] = row
    return batch


def _mask(rows: Sequence[Sequence[int]]) -> NDArray[Any]:
    lengths = np.fromiter(map(len, rows), dtype=np.int64, count=len(rows))
    return (np.arange(lengths.max()) < lengths[:, None]).astype(np.int64)
