"""Trainings give the losses and weights that they gave before the loop was our own.

`stored.json` was made by the trainer that was built on `transformers.Trainer`; the loop was then
held to it bit for bit, on one machine. Here the last digits are the processor's.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cotkd.methods.mcc_kd import MccKd
from cotkd.students.lora import Lora, add_lora
from cotkd.students.student import Student
from cotkd.training.settings import Training
from cotkd.training.trainer import train
from cotkd.types import Example
from tests.methods.rows import BOTH, QUESTIONS
from tests.training.arms import examples, student, weights
from tests.training.steps import tasks

STORED = json.loads(Path(__file__).with_name("stored.json").read_text())
SHAPE = {
    "precision": "float32",
    "epochs": 4,
    "batch_size": 8,
    "learning_rate": 1e-3,
    "eval_every": 2,
    "log_every": 2,
}
SCORES = (0.1, 0.5, 0.3, 0.2, 0.9, 0.1)
Case = tuple[Callable[[], Student], Callable[[str], list[Example]], dict[str, Any]]


def compared(architecture: Any) -> list[Example]:
    return MccKd(agreement_weight=3.0).examples(QUESTIONS, BOTH, architecture=architecture)


def adapted(*, per_task: bool) -> Student:
    base = student("llama")
    settings = Lora(rank=2, per_task=per_task)
    return dataclasses.replace(base, model=add_lora(base.model, settings, ("answer", "explain")))


def twenty(architecture: str) -> list[Example]:
    return examples(20, architecture)


def several(architecture: str) -> list[Example]:
    return tasks(architecture, 8)


CASES: dict[str, Case] = {
    **{name: (lambda name=name: student(name), twenty, {}) for name in ("llama", "t5", "bart")},
    **{
        f"{name}-tasks": (
            lambda name=name: student(name),
            several,
            {"accumulation": 3, "weight_decay": 0.1},
        )
        for name in ("llama", "t5", "bart")
    },
    "t5-drop": (lambda: student("t5", dropout_rate=0.3), twenty, {"epochs": 3}),
    "packed": (lambda: student("llama"), twenty, {"rows": "packed"}),
    "muon": (
        lambda: student("llama"),
        twenty,
        {"optimizer": "muon", "schedule": "cosine", "decay": 0.5, "warmup": 0.2},
    ),
    "agree": (lambda: student("llama"), compared, {"batch_size": 4}),
    "agree-t5": (lambda: student("t5"), compared, {"batch_size": 4, "accumulation": 2}),
    "loraFalse": (lambda: adapted(per_task=False), several, {}),
    "loraTrue": (lambda: adapted(per_task=True), several, {}),
}


@pytest.mark.parametrize("name", CASES)
def test_losses_and_weights_are_those_of_before(name: str) -> None:
    build, rows, changes = CASES[name]
    learner, stored = build(), STORED[name]
    asked: list[int] = []

    def dev(_: Student) -> float:
        asked.append(1)
        return SCORES[len(asked) % len(SCORES)]

    result = train(
        learner, rows(learner.architecture), Training.parse({**SHAPE, **changes}), dev=dev
    )
    assert [step for step, _ in result.losses] == [step for step, _ in stored["losses"]]
    first, *others = zip(result.losses, stored["losses"], strict=True)
    assert first[0][1] == pytest.approx(first[1][1], rel=1e-6)
    for found, before in others:
        assert found[1] == pytest.approx(before[1], rel=2e-5)
    assert [list(score) for score in result.scores] == stored["scores"]
    counts = ("best_step", "processed_tokens", "supervised_tokens", "steps")
    assert {count: getattr(result, count) for count in counts} == {c: stored[c] for c in counts}
    norm = math.sqrt(
        sum(float(w.detach().double().square().sum()) for w in weights(learner).values())
    )
    assert norm == pytest.approx(stored["norm"], rel=1e-6)
