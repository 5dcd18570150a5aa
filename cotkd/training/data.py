"""The planned batches as a data set: one item is one micro-batch of one process, in passes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from torch.utils.data import Dataset

from cotkd.formats.collate import collate
from cotkd.formats.groups import group_units
from cotkd.formats.tokenize import TokenizedExample
from cotkd.objectives import CrossEntropy, Objective
from cotkd.objectives.base import Counts
from cotkd.objectives.base import Rows as Read
from cotkd.training.layout import Pass, Rows, computed_tokens, lay_out
from cotkd.training.plan import Sides, Step, split_step
from cotkd.types import Architecture

Batch = dict[str, Any]
"""One forward pass: the tensors that the model reads, the `places` that are trained, the `terms` of
the objectives, and the `adapter` that computes it, where tasks have their own."""


class Layout(NamedTuple):
    """How the steps are computed, which changes no loss: by whom, in how many pieces, in what rows.

    `adapters` are tasks with an adapter of their own; their examples share no pass with others'.
    """

    accumulation: int = 1
    processes: int = 1
    process: int = 0
    rows: Rows = "bucketed"
    adapters: tuple[str, ...] = ()


WHOLE = Layout()
"""One process, every step in one piece, an example a row."""


class PlannedBatches(Dataset[list[Batch]]):
    """Item k is micro-batch k of this process, `layout.accumulation` of them to a step.

    Beside what the model reads a pass holds a `Term` of each objective: the units that it reads in
    this pass, their weights, and how many there are in the whole step. The counts are known from
    the plan, so that processes need not tell each other.
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
        objectives: Sequence[Objective] = (CrossEntropy(),),
    ) -> None:
        self._examples = examples
        self._architecture = architecture
        self._pad = pad
        self._decoder_start = decoder_start
        self._layout = layout
        self.pieces: list[Step] = []
        """Examples of each micro-batch of this process."""
        self._objectives = objectives
        self._counts: list[list[Counts]] = []
        self._lengths = side_lengths(examples, architecture)
        groups = [example.group for example in examples]
        parts = layout.accumulation * layout.processes
        for step in steps:
            pieces = split_step(step, parts, self._lengths, groups=groups)
            self.pieces += pieces[layout.process :: layout.processes]
            rows = [examples[i] for i in step]
            self._counts += [[one.count(rows) for one in objectives]] * layout.accumulation

    def __len__(self) -> int:
        """Return the number of micro-batches of this process."""
        return len(self.pieces)

    def __getitem__(self, index: int) -> list[Batch]:
        """Return the passes of one micro-batch.

        A process whose share of a step is empty computes some example with weight zero: all
        processes must take part in every exchange of gradients.
        """
        piece, counts = self.pieces[index], self._counts[index]
        return [
            self._batch(chosen, each, adapter, counts, idle=not piece)
            for chosen, each, adapter in self._passes(piece or (0,))
        ]

    def computed_tokens(self) -> int:
        """Return the tokens that this process computes in all, padding included."""
        return sum(
            computed_tokens([each], [self._lengths[i] for i in chosen])
            for piece in self.pieces
            if piece
            for chosen, each, _ in self._passes(piece)
        )

    def _passes(self, piece: Step) -> list[tuple[list[int], Pass, str | None]]:
        """Return examples, rows and adapter of each pass."""
        adapters = self._layout.adapters
        parts: dict[str | None, list[int]] = {}
        for i in piece:
            task = self._examples[i].task
            parts.setdefault(task if task in adapters else None, []).append(i)
        return [
            (chosen, each, adapter)
            for adapter, chosen in parts.items()
            for each in self._lay_out(chosen)
        ]

    def _lay_out(self, chosen: Sequence[int]) -> list[Pass]:
        units = group_units([self._examples[i].group for i in chosen])
        return lay_out(
            [self._lengths[i] for i in chosen],
            self._layout.rows,
            units=[unit for unit in units if len(unit) > 1],
        )

    def _batch(
        self,
        chosen: Sequence[int],
        each: Pass,
        adapter: str | None,
        counts: Sequence[Counts],
        *,
        idle: bool,
    ) -> Batch:
        rows = [self._examples[i] for i in chosen]
        batch: Batch = collate(
            rows,
            architecture=self._architecture,
            pad=self._pad,
            decoder_start=self._decoder_start,
            rows=each.rows,
        )
        owner, labels = batch.pop("owner"), batch.pop("labels")
        batch["terms"] = [
            one.term(Read(rows, each.examples, owner, labels, count, idle))
            for one, count in zip(self._objectives, counts, strict=True)
        ]
        return batch if adapter is None else batch | {"adapter": adapter}


def side_lengths(examples: Sequence[TokenizedExample], architecture: Architecture) -> list[Sides]:
    """Return the lengths that are padded: of prompt and target as one row, or as two."""
    if architecture == "decoder":
        return [(example.length,) for example in examples]
    return [(len(example.prompt), len(example.target)) for example in examples]
