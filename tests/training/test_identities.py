"""Identities of the loss of several tasks, on all three families of students."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from cotkd.decoding.session import decoder_start
from cotkd.formats.collate import collate
from cotkd.formats.tokenize import TokenizedExample
from cotkd.losses import token_cross_entropy
from cotkd.students.student import Student
from cotkd.training.data import Layout
from cotkd.training.forward import trained_logits
from cotkd.types import Example
from tests.tiny import PAD
from tests.training.steps import (
    Outcome,
    assert_same,
    ids,
    learner,
    lookups,
    outcome,
    passes,
    planned,
    share,
    tasks,
)

names = pytest.mark.parametrize("name", ["llama", "t5", "bart"])
architecture = {"llama": "decoder", "t5": "encoder-decoder", "bart": "encoder-decoder"}


def weighted(rows: list[Example], **weights: float) -> list[Example]:
    return [row.model_copy(update={"weight": weights[row.task]}) for row in rows]


def only(rows: list[Example], task: str) -> list[Example]:
    return [row for row in rows if row.task == task]


@names
@pytest.mark.parametrize("task", ["answer", "explain"])
def test_a_task_beside_one_of_weight_zero_costs_what_it_costs_alone(name: str, task: str) -> None:
    rows = weighted(tasks(architecture[name]), answer=0.0, explain=0.0)
    rows = [row.model_copy(update={"weight": float(row.task == task)}) for row in rows]
    assert_same(outcome(name, rows), outcome(name, only(rows, task)), within=1e-6)


@names
def test_longer_rationales_leave_the_answer_task_as_it_is(name: str) -> None:
    rows = weighted(tasks(architecture[name]), answer=1.0, explain=1.0)
    longer = [
        row.model_copy(update={"target": row.target * 3}) if row.task == "explain" else row
        for row in rows
    ]
    for changed in (rows, longer):
        both, rest = outcome(name, changed), outcome(name, only(changed, "explain"))
        answer = Outcome(
            both.loss - rest.loss,
            {key: both.gradients[key] - rest.gradients[key] for key in both.gradients},
        )
        assert_same(outcome(name, only(rows, "answer")), answer, within=1e-8)


@names
def test_weights_scale_their_own_task_alone(name: str) -> None:
    rows = tasks(architecture[name])
    apart = [outcome(name, weighted(only(rows, t), answer=1, explain=1)) for t in ("answer",)]
    apart += [outcome(name, weighted(only(rows, t), answer=1, explain=1)) for t in ("explain",)]
    expected = Outcome(
        1.7 * apart[0].loss + 0.3 * apart[1].loss,
        {k: 1.7 * g + 0.3 * apart[1].gradients[k] for k, g in apart[0].gradients.items()},
    )
    assert_same(outcome(name, rows), expected, within=1e-6)  # weights travel in float32


def partly_trained(name: str) -> tuple[Student, list[Example]]:
    """Return rows of which a part of the target is read and not trained."""
    rows = [
        row.model_copy(update={"loss_spans": ((3, 9),)}) if number % 3 else row
        for number, row in enumerate(tasks(architecture[name]))
    ]
    return learner(name), rows


@pytest.mark.parametrize(
    ("name", "rows"), [("llama", "bucketed"), ("llama", "packed"), ("t5", "auto"), ("bart", "auto")]
)
def test_untrained_positions_get_exactly_no_gradient(name: str, rows: Any) -> None:
    of, made = partly_trained(name)
    states: list[torch.Tensor] = []

    def record(_: Any, given: tuple[torch.Tensor, ...]) -> None:
        given[0].retain_grad()
        states.append(given[0])

    output = of.model.get_output_embeddings()
    for batch in passes(planned(of, made, Layout(rows=rows))):
        states.clear()
        with lookups(of.model) as read:
            hook = output.register_forward_pre_hook(record)
            share(of.model, batch).backward()
            hook.remove()
        assert states[0].grad is not None
        reached = states[0].grad.flatten(0, 1).ne(0).any(-1)
        expected = torch.zeros_like(reached)
        expected[batch["places"]] = True
        assert torch.equal(reached, expected)
        assert not expected.all()
        for each in read:
            assert each.vectors.grad is not None
            padding = each.ids.eq(PAD)
            padding[:, 0] = False  # T5 starts its decoder with the padding token
            assert each.vectors.grad[padding].eq(0).all()


def example_losses(
    of: Student, rows: list[TokenizedExample], laid_out: list[list[int]] | None = None
) -> list[float]:
    batch = collate(
        rows,
        architecture=of.architecture,
        pad=PAD,
        decoder_start=decoder_start(of.model) if of.architecture == "encoder-decoder" else None,
        rows=laid_out,
    )
    labels, places, owner = (batch.pop(key) for key in ("labels", "places", "owner"))
    logits = trained_logits(of.model, batch, places)
    per_token = token_cross_entropy(logits.unsqueeze(1), labels.unsqueeze(1)).squeeze(1)
    sums = torch.zeros(len(rows), dtype=per_token.dtype).index_add_(0, owner, per_token)
    return [float(value) for value in sums]


@names
def test_padding_order_and_packing_leave_the_loss_of_each_example(name: str) -> None:
    of = learner(name)
    rows = ids(of, tasks(of.architecture))
    alone = pytest.approx([example_losses(of, [row])[0] for row in rows], abs=1e-9)
    count = len(rows)
    assert example_losses(of, rows) == alone
    assert example_losses(of, rows[::-1])[::-1] == alone
    assert example_losses(of, rows, [[i] for i in (5, 0, 3, 7, 1, 6, 2, 4)]) == alone
    long = rows[0]._replace(prompt=rows[0].prompt * 3, target=[*rows[0].target * 2])
    long = long._replace(trained=[True] * len(long.target))
    assert example_losses(of, [long, *rows])[1:] == alone
    if of.architecture == "decoder":
        for laid_out in ([list(range(count))], [[4, 1], [0, 7, 2], [3], [5, 6]]):
            assert example_losses(of, rows, laid_out) == alone


@names
def test_the_ids_that_are_read_in_training_are_read_at_inference(name: str) -> None:
    of = learner(name)
    rows = tasks(of.architecture)
    tokenized = ids(of, rows)
    for row, own in zip(rows, tokenized, strict=True):
        with lookups(of.model) as trained:
            share(of.model, passes(planned(of, [row]))[0])
        with lookups(of.model) as asked:
            of.generate([row.input], max_tokens=1)
        prompt = asked[0].ids[0].tolist()
        assert prompt == own.prompt
        assert trained[0].ids[0, : len(prompt)].tolist() == prompt
        if of.architecture == "encoder-decoder":
            assert trained[0].ids.shape[1] == len(prompt)
            assert trained[1].ids[0, 0] == asked[1].ids[0, 0] == decoder_start(of.model)
