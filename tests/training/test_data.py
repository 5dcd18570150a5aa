"""Planned batches: however a step is cut up, its loss and gradient are the same."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from cotkd.formats.tokenize import tokenize_examples
from cotkd.losses import IGNORED, token_cross_entropy, token_mean
from cotkd.teachers.decoding.session import decoder_start
from cotkd.training.data import Layout, PlannedBatches
from tests.training.arms import examples, student

LAYOUTS = ((1, 1), (2, 1), (8, 1), (1, 2), (4, 2), (3, 4))
STEP = (3, 0, 7, 5, 1, 2, 6, 4)


def batches(name: str, layout: Layout, step: tuple[int, ...] = STEP) -> tuple[Any, PlannedBatches]:
    learner = student(name)
    rows = examples(8, learner.architecture)
    rows = [
        row.model_copy(update={"task": "ab"[i % 2], "weight": (0.3, 1.7)[i % 2]})
        for i, row in enumerate(rows)
    ]
    two_stacks = learner.architecture == "encoder-decoder"
    tokenized = tokenize_examples(rows, learner.tokenizer, architecture=learner.architecture)
    planned = PlannedBatches(
        tokenized,
        [step],
        architecture=learner.architecture,
        pad=0,
        decoder_start=decoder_start(learner.model) if two_stacks else None,
        layout=layout,
    )
    return learner.model, planned


def gradient(name: str, accumulation: int, processes: int) -> tuple[float, list[Any]]:
    """Return loss and gradient of one step, all processes computed one after the other.

    In double precision: what differs then is the layout, not the rounding of a processor's kernels.
    """
    total = 0.0
    model: Any = None
    for process in range(processes):
        fresh, planned = batches(name, Layout(accumulation, processes, process))
        model = model or fresh.double()
        assert len(planned) == accumulation
        for i in range(len(planned)):
            batch = planned[i]
            labels, weight, count = (batch.pop(key) for key in ("labels", "weight", "count"))
            logits = model(**batch).logits[:, -labels.shape[1] :]
            per_token = token_cross_entropy(logits, labels)
            loss = token_mean(per_token, count=count, weight=weight)
            loss.backward()
            total += loss.item()
    return total, [weight.grad for weight in model.parameters()]


@pytest.mark.parametrize("name", ["llama", "t5", "bart"])
def test_loss_and_gradient_do_not_depend_on_the_layout(name: str) -> None:
    loss, gradients = gradient(name, *LAYOUTS[0])
    for layout in LAYOUTS[1:]:
        other, others = gradient(name, *layout)
        assert other == pytest.approx(loss, abs=1e-5)
        for one, another in zip(gradients, others, strict=True):
            torch.testing.assert_close(one, another, rtol=0, atol=1e-5)


def test_every_example_of_a_step_is_computed_once() -> None:
    _, whole = batches("llama", Layout())
    trained = whole[0]["labels"].ne(IGNORED).sum().item()
    for accumulation, processes in LAYOUTS:
        parts = [
            batches("llama", Layout(accumulation, processes, process))[1]
            for process in range(processes)
        ]
        items = [part[i] for part in parts for i in range(len(part))]
        weighted = sum(
            item["labels"][item["weight"] > 0].ne(IGNORED).sum().item() for item in items
        )
        assert weighted == trained


def test_a_process_without_a_share_computes_a_row_of_no_weight() -> None:
    _, planned = batches("llama", Layout(1, 4, 0), step=(2,))
    _, others = batches("llama", Layout(1, 4, 2), step=(2,))
    weights = {planned[0]["weight"].tolist()[0], others[0]["weight"].tolist()[0]}
    assert 0.0 in weights
    assert len(planned[0]["input_ids"]) == 1
