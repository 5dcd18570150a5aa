"""Training of adapters: for each task its own, resumed, merged, over four bits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from cotkd.students.load import load_student
from cotkd.students.lora import Lora, adapter_name, add_lora
from cotkd.students.student import Student
from cotkd.training.settings import Training
from cotkd.training.trainer import train
from tests.tiny import save
from tests.training.arms import student, weights
from tests.training.steps import tasks

names = pytest.mark.parametrize("name", ["llama", "t5", "bart"])
TASKS = ("answer", "explain")
EXACT = Training(
    precision="float32", epochs=6, batch_size=8, learning_rate=3e-3, log_every=1, max_grad_norm=0
)


def learner(name: str, **settings: Any) -> Student:
    base = student(name)
    lora = Lora(rank=2, per_task=True, **settings)
    return Student(name, add_lora(base.model, lora, TASKS), base.tokenizer)


def adapter(of: Student, task: str) -> dict[str, torch.Tensor]:
    own = f".{adapter_name(task)}."
    return {name: weight for name, weight in weights(of).items() if own in name}


@names
def test_each_task_trains_its_own_adapter_as_it_would_alone(name: str) -> None:
    together = learner(name)
    before = {task: adapter(together, task) for task in TASKS}
    rows = tasks(together.architecture)
    result = train(together, rows, EXACT)
    assert result.losses[-1][1] < result.losses[0][1]
    for task in TASKS:
        own = [row for row in rows if row.task == task]
        alone = learner(name)
        train(alone, own, EXACT)
        trained = adapter(alone, task)
        assert trained.keys() == before[task].keys()
        for key, weight in adapter(together, task).items():
            assert not torch.equal(weight, before[task][key])
            torch.testing.assert_close(weight, trained[key], atol=1e-4, rtol=0, msg=key)
        other = next(t for t in TASKS if t != task)
        for key, weight in adapter(alone, other).items():
            assert torch.equal(weight, before[other][key])


def test_adapters_of_tasks_are_resumed_saved_and_read_again(tmp_path: Path) -> None:
    class Interrupted(Exception):
        pass

    def interrupt(_: Student) -> float:
        raise Interrupted

    settings = EXACT.model_copy(update={"save_every": 2, "eval_every": 5})
    rows = tasks("decoder")
    undisturbed, resumed, again = (learner("llama") for _ in range(3))
    train(undisturbed, rows, settings, dev=lambda _: 0.0)
    with pytest.raises(Interrupted):
        train(learner("llama"), rows, settings, out=tmp_path / "s", dev=interrupt)
    assert (tmp_path / "s.training" / "checkpoint-4" / "complete.json").exists()
    for of in (resumed, again):  # the second time it is read, not repeated
        train(of, rows, settings, out=tmp_path / "s", dev=lambda _: 0.0)
        for key, weight in weights(undisturbed).items():
            torch.testing.assert_close(weights(of)[key], weight, atol=0, rtol=0, msg=key)
    saved = load_student(tmp_path / "s")
    for row in rows:
        expected = resumed.generate([row.input], max_tokens=8, task=row.task)
        assert saved.generate([row.input], max_tokens=8, task=row.task)[0].token_ids == (
            expected[0].token_ids
        )


@pytest.mark.parametrize("name", ["llama", "t5"])
def test_adapters_over_four_bits_learn(name: str, tmp_path: Path) -> None:
    pytest.importorskip("bitsandbytes")
    base = student(name)
    folder = save(tmp_path / "m", base.model, base.tokenizer)
    of = load_student(folder, lora=Lora(rank=4, base="nf4"))
    result = train(of, tasks(of.architecture), EXACT, out=tmp_path / "s")
    assert result.losses[-1][1] < result.losses[0][1]
    assert load_student(tmp_path / "s").parameters == base.parameters
