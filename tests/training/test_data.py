"""Planned batches: however a step is cut up, its loss and gradient are the same."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from cotkd.training.data import Layout, PlannedBatches
from tests.training.steps import (
    Outcome,
    assert_same,
    ids,
    learner,
    outcome,
    passes,
    planned,
    tasks,
)

LAYOUTS = ((1, 1), (2, 1), (8, 1), (1, 2), (4, 2), (3, 4))
STEP = (3, 0, 7, 5, 1, 2, 6, 4)
names = pytest.mark.parametrize("name", ["llama", "t5", "bart"])


def batches(name: str, layout: Layout, step: tuple[int, ...] = STEP) -> PlannedBatches:
    of = learner(name)
    return planned(of, tasks(of.architecture), layout, step)


@names
def test_loss_and_gradient_do_not_depend_on_the_layout(name: str) -> None:
    whole = outcome(name)
    for pieces, processes in LAYOUTS:
        for rows in ("bucketed", "packed") if name == "llama" else ("auto",):
            layout = Layout(pieces, processes, rows=rows)  # type: ignore[arg-type]
            assert_same(whole, outcome(name, layout=layout, step=STEP), within=1e-9)


@names
def test_loss_and_gradient_are_those_of_plain_forward_passes(name: str) -> None:
    """An independent reference: each example alone, the whole output, the equation of the loss."""
    of = learner(name)
    model = of.model
    rows = ids(of, tasks(of.architecture))
    counts = dict.fromkeys([row.task for row in rows], 0)
    for row in rows:
        counts[row.task] += row.trained_tokens
    total = torch.zeros((), dtype=torch.float64)
    for row in rows:
        target = torch.tensor([row.target])
        if of.architecture == "encoder-decoder":
            logits = model(input_ids=torch.tensor([row.prompt]), labels=target).logits
        else:
            tokens = torch.tensor([row.prompt + row.target])
            logits = model(input_ids=tokens).logits[:, len(row.prompt) - 1 : -1]
        nll = -logits.log_softmax(-1).gather(-1, target.unsqueeze(-1)).sum()
        total = total + row.weight * nll / counts[row.task]
    total.backward()
    plain = Outcome(total.item(), {name: w.grad for name, w in model.named_parameters()})
    assert_same(outcome(name), plain, within=1e-6)  # weights travel in float32


def test_these_steps_are_really_packed() -> None:
    packed = passes(batches("llama", Layout(2, rows="packed")))
    assert any("position_ids" in batch for batch in packed)
    assert not any("position_ids" in batch for batch in passes(batches("llama", Layout(2))))


@pytest.mark.parametrize("rows", ["bucketed", "packed"])
def test_every_example_of_a_step_is_computed_once(rows: Any) -> None:
    trained = sum(len(batch["places"]) for batch in passes(batches("llama", Layout())))
    for pieces, processes in LAYOUTS:
        computed = [
            batch
            for process in range(processes)
            for batch in passes(batches("llama", Layout(pieces, processes, process, rows)))
        ]
        assert sum(int((batch["terms"][0].weight > 0).sum()) for batch in computed) == trained


def test_a_process_without_a_share_computes_a_row_of_no_weight() -> None:
    items = [batches("llama", Layout(1, 4, process), step=(2,))[0] for process in range(4)]
    weights = [set(item[0]["terms"][0].weight.tolist()) for item in items]
    assert sorted(map(max, weights)) == pytest.approx([0.0, 0.0, 0.0, 0.3])
    assert all(len(item) == 1 and len(item[0]["input_ids"]) == 1 for item in items)


def test_tasks_with_an_adapter_of_their_own_share_no_pass() -> None:
    adapters = [
        batch.get("adapter")
        for batch in batches("llama", Layout(rows="packed", adapters=("answer",)))[0]
    ]
    assert sorted(map(str, adapters)) == ["None", "answer"]


def test_computed_tokens_are_those_of_the_tensors() -> None:
    for rows in ("bucketed", "packed"):
        made = batches("t5", Layout(2, rows=rows))  # type: ignore[arg-type]
        tensors = [b["input_ids"].numel() + b["decoder_input_ids"].numel() for b in passes(made)]
        assert made.computed_tokens() == sum(tensors)
