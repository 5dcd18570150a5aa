"""Training in two halves: the second on what the student of the first says, within one budget."""

from __future__ import annotations

from pathlib import Path

import pytest

from cotkd.students.student import Part, Student
from cotkd.training.members import train_members
from cotkd.training.rehearsal import train_rehearsed
from cotkd.training.settings import Training
from cotkd.types import Example
from tests.training.arms import examples, student

SETTINGS = Training(processed_tokens=3000, batch_tokens=400, learning_rate=3e-3)


def test_both_halves_share_a_budget_and_a_finished_training_is_not_repeated(
    tmp_path: Path,
) -> None:
    rows = examples(8, "decoder")
    asked: list[float] = []

    def again(trained: Student) -> list[Example]:
        asked.append(float(next(trained.model.parameters()).sum()))
        return rows[:4]

    base = student("llama")
    start = float(next(base.model.parameters()).sum())
    result = train_rehearsed(base, rows, SETTINGS, again=again, out=tmp_path / "s")
    assert 2500 < result.processed_tokens <= 3000
    assert asked[0] != pytest.approx(start, abs=1e-9)
    steps = [step for step, _ in result.losses]
    assert steps == sorted(set(steps))
    assert steps[-1] == result.steps == result.best_step
    second = train_rehearsed(student("llama"), rows, SETTINGS, again=again, out=tmp_path / "s")
    assert second.seconds == result.seconds
    assert asked[0] == asked[1]


def test_of_a_pair_the_model_in_front_is_asked() -> None:
    rows = {"solver": examples(4, "decoder"), "decomposer": examples(4, "decoder")}
    parts = {name: Part(student("llama"), (name,)) for name in rows}
    asked: list[Student] = []

    def again(trained: Student) -> list[Example]:
        asked.append(trained)
        return rows["solver"]

    _, result = train_members(parts, rows, SETTINGS, again=again)
    assert asked == [parts["solver"].student]
    assert 2400 < result.processed_tokens <= 3000
