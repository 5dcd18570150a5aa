"""The planned batches as a data set: one item is one micro-batch of one process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch.utils.data import Dataset

from cotkd.formats.collate import collate
from cotkd.formats.tokenize import TokenizedExample
from cotkd.training.plan import Sides, Step, split_step
from cotkd.types import Architecture

if TYPE_CHECKING:
    from torch import Tensor


class Layout(NamedTuple):
    """How the steps are computed, which changes no loss: by whom and in how many pieces."""

    accumulation: int = 1
    processes: int = 1
    process: int = 0


WHOLE = Layout()
"""One process, every step in one piece."""


class PlannedBatches(Dataset[dict[str, "Tensor"]]):
    """Item k is micro-batch k of this process, `layout.accumulation` of them to a step.

    Beside the tensors of `collate` an item holds, for each row, its `weight` and the `count` of
    trained tokens of its task in the whole step. The counts are known from the plan, so that
    processes need not tell each other.
    """

    def __init__(
        self,
        examples: Sequence[TokenizedExample],
        steps: Sequence[Step],
        *,
        architecture: Architecture,
        pad: int,
        decoder_start: int | None = None,
        layout: Layout = WHOLE,
    ) -> None:
        self._examples = examples
        self._architecture = architecture
        self._pad = pad
        self._decoder_start = decoder_start
        self._pieces: list[Step] = []
        self._counts: list[Counter[str]] = []
        lengths = side_lengths(examples, architecture)
        groups = [example.group for example in examples]
        parts = layout.accumulation * layout.processes
        for step in steps:
            pieces = split_step(step, parts, lengths, groups=groups)
            self._pieces += pieces[layout.process :: layout.processes]
            self._counts += [trained_tokens(examples, step)] * layout.accumulation

    def __len__(self) -> int:
        """Return the number of micro-batches of this process."""
        return len(self._pieces)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        """Return the padded tensors of one micro-batch.

        A process whose share of a step is empty computes some example with weight zero: all
        processes must take part in every exchange of gradients.
        """
        piece, counts = self._pieces[index], self._counts[index]
        rows = [self._examples[i] for i in piece] or [self._examples[0]]
        batch = collate(
            rows,
            architecture=self._architecture,
            pad=self._pad,
            decoder_start=self._decoder_start,
        )
        weights = [row.weight for row in rows] if piece else [0.0]
        batch["weight"] = torch.tensor(weights)
        batch["count"] = torch.tensor([float(counts[row.task]) for row in rows])
        return batch


def trained_tokens(examples: Sequence[TokenizedExample], step: Sequence[int]) -> Counter[str]:
    """Return the trained tokens of each task in a step."""
    counts: Counter[str] = Counter()
    for i in step:
        counts[examples[i].task] += examples[i].trained_tokens
    return counts


def side_lengths(examples: Sequence[TokenizedExample], architecture: Architecture) -> list[Sides]:
    """Return the lengths that are padded: of prompt and target as one row, or as two."""
    if architecture == "decoder":
        return [(example.length,) for example in examples]
    return [(len(example.prompt), len(example.target)) for example in examples]
