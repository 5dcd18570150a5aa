"""What every objective must hold: its share of a step does not depend on how the step is cut."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from cotkd.methods.mcc_kd import MccKd
from cotkd.objectives.base import Objective
from cotkd.training.data import Layout
from cotkd.types import Example
from tests.methods.rows import BOTH, QUESTIONS
from tests.training.steps import Outcome, assert_same, learner, passes, planned, share

KINDS = [kind for kind in Objective.kinds() if not kind.startswith("test_")]
LAYOUTS = ((1, 1, "bucketed"), (1, 1, "packed"), (2, 1, "auto"), (8, 1, "auto"), (1, 4, "auto"))
every = pytest.mark.parametrize("kind", KINDS)
names = pytest.mark.parametrize("name", ["llama", "t5"])


def rows(architecture: Any) -> list[Example]:
    """Return examples in groups that name what they are to agree on."""
    return MccKd(agreement_weight=3.0).examples(QUESTIONS, BOTH, architecture=architecture)


def outcome(name: str, objective: Objective, layout: Layout, order: int = 1) -> Outcome:
    of = learner(name)
    made = rows(of.architecture)[::order]
    total = 0.0
    for process in range(layout.processes):
        here = layout._replace(process=process)
        for batch in passes(planned(of, made, here, objectives=(objective,))):
            loss = share(of.model, batch, (objective,))
            loss.backward()
            total += loss.item()
    return Outcome(
        total, {key: w.grad for key, w in of.model.named_parameters() if w.grad is not None}
    )


@every
@names
def test_loss_and_gradient_do_not_depend_on_pieces_processes_rows_or_order(
    kind: str, name: str
) -> None:
    objective = Objective.parse({"kind": kind})
    whole = outcome(name, objective, Layout())
    assert whole.loss > 0
    assert any(gradient.abs().max() > 0 for gradient in whole.gradients.values())
    for pieces, processes, kept in LAYOUTS:
        layout = Layout(pieces, processes, rows=kept if name == "llama" else "auto")  # type: ignore[arg-type]
        assert_same(whole, outcome(name, objective, layout), within=1e-6)
    assert_same(whole, outcome(name, objective, Layout(2), order=-1), within=1e-6)


@every
def test_units_are_counted_by_task_and_none_of_another_role(kind: str) -> None:
    of = learner("llama")
    objective = Objective.parse({"kind": kind})
    (batch,) = passes(planned(of, rows(of.architecture), objectives=(objective,)))
    (term,) = batch["terms"]
    assert objective.count([]).total() == 0
    assert len(term.weight) == len(term.count) > 0
    other = Objective.parse({"kind": kind, "roles": ["nobody"]})
    (batch,) = passes(planned(of, rows(of.architecture), objectives=(other,)))
    assert batch["terms"] == [None] or not len(batch["terms"][0].weight)
    loss = share(of.model, batch, (other,))
    assert loss.item() == 0
    loss.backward()  # processes wait for the gradient of every weight
    assert all(
        weight.grad is not None and torch.equal(weight.grad, torch.zeros_like(weight))
        for weight in of.model.parameters()
    )
