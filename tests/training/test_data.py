"""Planned batches: however a step is cut up, its loss and gradient are the same."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from cotkd.formats.tokenize import tokenize_examples
from cotkd.losses import token_cross_entropy, token_mean
from cotkd.teachers.decoding.session import decoder_start
from cotkd.training.data import Layout, PlannedBatches
from cotkd.training.forward import trained_logits
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


def passes(planned: PlannedBatches) -> list[dict[str, Any]]:
    return [batch for i in range(len(planned)) for batch in planned[i]]


def gradient(name: str, layout: Layout) -> tuple[float, list[Any]]:
    """Return loss and gradient of one step, all processes computed one after the other.

    In double precision: what differs then is the layout, not the rounding of a processor's kernels.
    """
    total = 0.0
    model: Any = None
    for process in range(layout.processes):
        fresh, planned = batches(name, layout._replace(process=process))
        model = model or fresh.double()
        assert len(planned) == layout.accumulation
        for batch in passes(planned):
            keys = ("places", "labels", "weight", "count")
            places, labels, weight, count = (batch.pop(key) for key in keys)
            logits = trained_logits(model, batch, places)
            per_token = token_cross_entropy(logits.unsqueeze(1), labels.unsqueeze(1))
            loss = token_mean(per_token, count=count, weight=weight)
            loss.backward()
            total += loss.item()
    return total, [weight.grad for weight in model.parameters()]


@pytest.mark.parametrize("name", ["llama", "t5", "bart"])
def test_loss_and_gradient_do_not_depend_on_the_layout(name: str) -> None:
    loss, gradients = gradient(name, Layout(*LAYOUTS[0]))
    for pieces, processes in LAYOUTS:
        for rows in ("bucketed", "packed"):
            other, others = gradient(name, Layout(pieces, processes, rows=rows))
            assert other == pytest.approx(loss, abs=1e-5)
            for one, another in zip(gradients, others, strict=True):
                torch.testing.assert_close(one, another, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", ["llama", "t5", "bart"])
def test_loss_and_gradient_are_those_of_plain_forward_passes(name: str) -> None:
    """An independent reference: each example alone, the whole output, the equation of the loss."""
    model, planned = batches(name, Layout())
    model.double()
    rows = planned._examples
    counts = {task: sum(row.trained_tokens for row in rows if row.task == task) for task in "ab"}
    total = torch.zeros((), dtype=torch.float64)
    for row in rows:
        target = torch.tensor([row.target])
        if model.config.is_encoder_decoder:
            logits = model(input_ids=torch.tensor([row.prompt]), labels=target).logits
        else:
            ids = torch.tensor([row.prompt + row.target])
            logits = model(input_ids=ids).logits[:, len(row.prompt) - 1 : -1]
        nll = -logits.log_softmax(-1).gather(-1, target.unsqueeze(-1)).sum()
        total = total + row.weight * nll / counts[row.task]
    total.backward()
    loss, gradients = gradient(name, Layout())
    assert loss == pytest.approx(total.item(), rel=1e-6)
    for weight, own in zip(model.parameters(), gradients, strict=True):
        scale = max(1, own.abs().max().item())
        torch.testing.assert_close(own, weight.grad, rtol=0, atol=1e-5 * scale)


@pytest.mark.parametrize("rows", ["bucketed", "packed"])
def test_every_example_of_a_step_is_computed_once(rows: Any) -> None:
    _, whole = batches("llama", Layout())
    trained = sum(len(batch["labels"]) for batch in passes(whole))
    for pieces, processes in LAYOUTS:
        computed = [
            batch
            for process in range(processes)
            for batch in passes(batches("llama", Layout(pieces, processes, process, rows))[1])
        ]
        assert sum(int((batch["weight"] > 0).sum()) for batch in computed) == trained


def test_a_process_without_a_share_computes_a_row_of_no_weight() -> None:
    items = [batches("llama", Layout(1, 4, process), step=(2,))[1][0] for process in range(4)]
    weights = [set(item[0]["weight"].tolist()) for item in items]
    assert sorted(map(max, weights)) == pytest.approx([0.0, 0.0, 0.0, 0.3])
    assert all(len(item) == 1 and len(item[0]["input_ids"]) == 1 for item in items)


def test_tasks_with_an_adapter_of_their_own_share_no_pass() -> None:
    _, planned = batches("llama", Layout(rows="packed", adapters=("a",)))
    adapters = [batch.get("adapter") for batch in planned[0]]
    assert sorted(map(str, adapters)) == ["None", "a"]


def test_computed_tokens_are_those_of_the_tensors() -> None:
    for rows in ("bucketed", "packed"):
        _, planned = batches("t5", Layout(2, rows=rows))
        made = sum(b["input_ids"].numel() + b["decoder_input_ids"].numel() for b in passes(planned))
        assert planned.computed_tokens() == made
