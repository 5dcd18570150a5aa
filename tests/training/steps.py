"""One step computed without a trainer, in double precision: what differs is the layout alone.

Rounding in the kernels of a processor is thereby far below what the identities are held to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import nn

from cotkd.decoding.session import decoder_start
from cotkd.formats.tokenize import TokenizedExample, tokenize_examples
from cotkd.objectives import CrossEntropy, Objective
from cotkd.students.student import Student
from cotkd.training.data import WHOLE, Layout, PlannedBatches
from cotkd.training.passes import Passes
from cotkd.types import Example
from tests.tiny import PAD
from tests.training.arms import examples, student

Gradients = dict[str, torch.Tensor]


class Outcome(NamedTuple):
    """Loss and gradient of one step."""

    loss: float
    gradients: Gradients
    layer_calls: int = 0
    """How often parts of a layer were computed, where that was counted."""


def learner(name: str) -> Student:
    """Return a tiny student with weights in double precision."""
    made = student(name)
    made.model.double()
    return made


def tasks(architecture: str, count: int = 4) -> list[Example]:
    """Return a rationale and an answer example for each of some questions, weights 0.3 and 1.7."""
    explain = [
        row.model_copy(
            update={
                "task": "explain",
                "weight": 0.3,
                "target": row.target + " Nothing else is asked." * number,
                "answer_span": None,
            }
        )
        for number, row in enumerate(examples(count, architecture))
    ]
    answer = [
        row.model_copy(
            update={
                "example_id": f"{row.example_id}/answer",
                "task": "answer",
                "weight": 1.7,
                "input": "predict: " + row.input,
                "target": f" {7 * number} eggs",
                "answer_span": None,
            }
        )
        for number, row in enumerate(explain)
    ]
    return [row for pair in zip(explain, answer, strict=True) for row in pair]


def ids(of: Student, rows: Sequence[Example]) -> list[TokenizedExample]:
    """Return the examples as token ids."""
    return tokenize_examples(rows, of.tokenizer, architecture=of.architecture)


def planned(
    of: Student,
    rows: Sequence[Example],
    layout: Layout = WHOLE,
    step: tuple[int, ...] | None = None,
    objectives: Sequence[Objective] = (CrossEntropy(),),
) -> PlannedBatches:
    """Return one step that holds all rows, or those of `step`."""
    two_stacks = of.architecture == "encoder-decoder"
    return PlannedBatches(
        ids(of, rows),
        [tuple(range(len(rows))) if step is None else step],
        architecture=of.architecture,
        pad=PAD,
        decoder_start=decoder_start(of.model) if two_stacks else None,
        layout=layout,
        objectives=objectives,
    )


def passes(batches: PlannedBatches) -> list[dict[str, Any]]:
    """Return all passes of one process."""
    return [batch for i in range(len(batches)) for batch in batches[i]]


def share(
    model: Any, batch: dict[str, Any], objectives: Sequence[Objective] = (CrossEntropy(),)
) -> torch.Tensor:
    """Return a pass's share of the loss of its step."""
    return Passes(model, objectives)(batch)


def outcome(
    name: str,
    rows: Sequence[Example] | None = None,
    layout: Layout = WHOLE,
    step: tuple[int, ...] | None = None,
) -> Outcome:
    """Return loss and gradient of one step, all processes computed one after the other."""
    of = learner(name)
    rows = tasks(of.architecture) if rows is None else rows
    total = 0.0
    for process in range(layout.processes):
        batches = planned(of, rows, layout._replace(process=process), step)
        assert len(batches) == layout.accumulation
        for batch in passes(batches):
            loss = share(of.model, batch)
            loss.backward()
            total += loss.item()
    return Outcome(total, {name: w.grad for name, w in of.model.named_parameters()})


def assert_same(one: Outcome, other: Outcome, *, within: float = 1e-9) -> None:
    """Compare losses relatively, gradients to the largest of each matrix."""
    assert abs(one.loss - other.loss) <= within * max(1.0, abs(one.loss))
    for name, gradient in one.gradients.items():
        scale = max(1.0, gradient.abs().max().item())
        torch.testing.assert_close(
            gradient, other.gradients[name], rtol=0, atol=within * scale, msg=name
        )


class Lookup(NamedTuple):
    """One reading of token ids by an embedding: the ids, and the vectors with their gradient."""

    ids: torch.Tensor
    vectors: torch.Tensor


@contextmanager
def lookups(model: nn.Module) -> Iterator[list[Lookup]]:
    """Record what the model's token embeddings are handed, in order."""
    found: list[Lookup] = []

    def record(_: Any, given: tuple[Any, ...], vectors: torch.Tensor) -> None:
        if vectors.requires_grad:
            vectors.retain_grad()
        found.append(Lookup(given[0], vectors))

    size = model.get_input_embeddings().weight.shape[0]  # type: ignore[operator]
    hooks = [
        module.register_forward_hook(record)
        for module in model.modules()
        if isinstance(module, nn.Embedding) and len(module.weight) == size
    ]
    try:
        yield found
    finally:
        for hook in hooks:
            hook.remove()
