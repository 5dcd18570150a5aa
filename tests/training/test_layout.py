"""All tasks of a batch go through one forward pass where their lengths are similar."""

from __future__ import annotations

from typing import Any

import pytest

from cotkd.students.student import Student
from cotkd.training.data import Layout
from cotkd.training.settings import Training
from cotkd.training.trainer import train
from cotkd.types import Example
from tests.training.arms import student
from tests.training.steps import learner, passes, planned, tasks

LAYOUTS = [
    (name, rows)
    for name, known in (
        ("llama", ("bucketed", "packed", "auto")),
        ("t5", ("bucketed", "auto")),
        ("bart", ("bucketed", "auto")),
    )
    for rows in known
]
layouts = pytest.mark.parametrize(("name", "rows"), LAYOUTS)


def alike(of: Student) -> list[Example]:
    """Return examples of two tasks, one with the weight 0.3 and one with 1.7, that write alike."""
    rows = tasks(of.architecture)
    for at in range(0, len(rows), 2):
        rows[at + 1] = rows[at + 1].model_copy(update={"target": rows[at].target + " So."})
    return rows


@layouts
def test_two_tasks_of_similar_length_form_one_pass(name: str, rows: Any) -> None:
    of = learner(name)
    made = alike(of)
    (batch,) = passes(planned(of, made, Layout(rows=rows)))
    (term,) = batch["terms"]
    assert {round(weight, 6) for weight in term.weight.tolist()} == {0.3, 1.7}
    assert len(set(term.count.tolist())) == 2
    if rows == "bucketed":
        assert len(batch["input_ids"]) == len(made)


@layouts
def test_the_trainer_computes_two_tasks_of_similar_length_in_one_call(name: str, rows: Any) -> None:
    of = student(name)
    made = alike(of)
    calls: list[int] = []

    def count(model: Any, *_: Any) -> None:
        if model.training:  # whether a model can pack is tried before, in evaluation
            calls.append(1)

    hook = of.model.register_forward_pre_hook(count)
    result = train(of, made, Training(epochs=1, batch_size=len(made), rows=rows))
    hook.remove()
    assert (result.steps, len(calls)) == (1, 1)
