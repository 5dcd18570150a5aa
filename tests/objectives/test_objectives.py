"""Objectives: roles, weights, counts, and parameters of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from cotkd.errors import SettingError
from cotkd.formats.tokenize import tokenize_examples
from cotkd.methods.base import Method
from cotkd.objectives import Agreement, CrossEntropy, Objective, usual
from cotkd.objectives.base import Ramp
from cotkd.students.load import load_student
from cotkd.training.trainer import train
from cotkd.types import Example
from tests.objectives.scaled import Scaled
from tests.training.arms import examples, student, weights

SHAPE = {"precision": "float32", "epochs": 1, "batch_size": 8, "log_every": 1, "max_grad_norm": 0}


def first_loss(rows: list[Example], *objectives: Objective, **changes) -> float:
    return train(student(), rows, SHAPE | changes, objectives=objectives or None).losses[0][1]


def as_role(rows: list[Example], role: str) -> list[Example]:
    return [row.model_copy(update={"role": role}) for row in rows]


def test_a_role_chooses_its_objective_and_nothing_else_is_read() -> None:
    rows = examples(8)
    mixed = [*rows[:5], *as_role(rows[5:], "student")]
    own = CrossEntropy(roles=("student",))
    assert first_loss(mixed, own) == pytest.approx(first_loss(rows[5:]), abs=1e-6)
    both = first_loss(mixed, CrossEntropy(roles=("text",)), own)
    assert both == pytest.approx(first_loss(rows[:5]) + first_loss(rows[5:]), abs=2e-6)


def test_roles_share_the_divisor_of_a_task_only_within_an_objective() -> None:
    rows = examples(8)
    mixed = [*rows[:5], *as_role(rows[5:], "student")]
    assert first_loss(mixed) == pytest.approx(first_loss(rows), abs=1e-6)


@pytest.mark.parametrize("pieces", [1, 2, 8])
def test_a_pass_without_a_role_leaves_the_loss_as_it_is(pieces: int) -> None:
    rows = examples(8)
    mixed = [*rows[:7], *as_role(rows[7:], "student")]
    objectives = (CrossEntropy(roles=("student",)), CrossEntropy(roles=("text",), weight=0.5))
    whole = first_loss(mixed, *objectives)
    assert first_loss(mixed, *objectives, accumulation=pieces) == pytest.approx(whole, abs=2e-6)


def test_weights_multiply_an_objective_and_zero_leaves_it_out() -> None:
    rows = examples(8)
    plain = first_loss(rows)
    assert first_loss(rows, CrossEntropy(weight=3.0)) == pytest.approx(3 * plain, rel=1e-6)
    two = first_loss(rows, CrossEntropy(weight=0.25), CrossEntropy(weight=0.5))
    assert two == pytest.approx(0.75 * plain, rel=1e-6)
    assert first_loss(rows, CrossEntropy(), CrossEntropy(weight=0.0)) == plain


def test_a_ramp_goes_over_the_training_in_a_straight_line() -> None:
    ramp = Ramp(start=0.0, end=2.0, until=0.5)
    assert [ramp.at(p) for p in (0.0, 0.25, 0.5, 1.0)] == [0.0, 1.0, 2.0, 2.0]
    rows = examples(8)
    still = SHAPE | {"epochs": 4, "learning_rate": 1e-12}
    losses = train(
        student(), rows, still, objectives=[CrossEntropy(weight=Ramp(start=0, end=4))]
    ).losses
    plain = first_loss(rows)
    assert [loss for _, loss in losses] == pytest.approx([0, plain, 2 * plain, 3 * plain], abs=1e-4)


def test_what_is_usual_is_agreement_where_examples_name_it() -> None:
    tokenizer = student().tokenizer
    rows = tokenize_examples(examples(2), tokenizer, architecture="decoder")
    assert usual(rows) == (CrossEntropy(),)
    assert usual([rows[0]._replace(agreement=(1,)), rows[1]]) == (CrossEntropy(), Agreement())


def test_parameters_of_an_objective_are_trained_and_do_not_ship(tmp_path: Path) -> None:
    frozen = train(student(), examples(8), SHAPE | {"epochs": 3}, objectives=[Scaled()])
    learner = student()
    train(learner, examples(8), SHAPE | {"epochs": 3}, objectives=[Scaled()], out=tmp_path / "s")
    assert frozen.losses[-1][1] < frozen.losses[0][1]
    saved = load_student(tmp_path / "s")
    assert weights(saved).keys() == weights(learner).keys()
    assert not any("scale" in name for name in weights(saved))


def test_parameters_of_an_objective_are_in_a_checkpoint(tmp_path: Path) -> None:
    settings = SHAPE | {"epochs": 6, "save_every": 2, "learning_rate": 0.05}

    class Killed(Exception):
        pass

    def dies(_: object) -> float:
        raise Killed

    def lasts(_: object) -> float:
        return 1.0

    undisturbed = student()
    losses = train(undisturbed, examples(8), settings, objectives=[Scaled()], dev=lasts).losses
    with pytest.raises(Killed):
        train(student(), examples(8), settings, objectives=[Scaled()], out=tmp_path / "s", dev=dies)
    resumed = student()
    result = train(
        resumed, examples(8), settings, objectives=[Scaled()], out=tmp_path / "s", dev=lasts
    )
    assert result.losses == losses
    for name, weight in weights(undisturbed).items():
        assert torch.equal(weight, weights(resumed)[name])


def test_a_method_names_its_objectives_in_settings() -> None:
    given = {"kind": "fine_tune_cot", "objectives": [{"kind": "cross_entropy", "weight": 0.5}]}
    method = Method.parse(given)
    assert method.objectives == (CrossEntropy(weight=0.5),)
    assert Method.parse(method.dump()) == method
    assert "objectives" not in Method.parse({"kind": "fine_tune_cot"}).dump()
    with pytest.raises(SettingError, match="cross_entropy"):
        Method.parse({"kind": "fine_tune_cot", "objectives": [{"kind": "cross_entropi"}]})
