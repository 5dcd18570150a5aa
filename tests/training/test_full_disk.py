"""A disk that is full while a student is trained: one line, nothing half-written."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from cotkd.errors import DataError
from cotkd.students.index import has_members
from cotkd.students.load import load_student
from cotkd.students.lora import Lora, add_lora
from cotkd.students.student import Part, Student
from cotkd.training.members import train_members
from cotkd.training.settings import Training
from cotkd.training.trainer import train
from tests.disk import full_disk, full_disk_at
from tests.training.arms import examples, student

NARROW: dict[str, Any] = {
    "hidden_size": 2,
    "num_hidden_layers": 1,
    "num_attention_heads": 1,
    "num_key_value_heads": 1,
}
NOTES = {"trained_on.json": {"examples": []}}
FILES = {"config.json", "model.safetensors", "tokenizer.json", "training.json", *NOTES}
Disk = Callable[[], AbstractContextManager[None]]


def settings(**changes: Any) -> Training:
    exact = {"precision": "float32", "epochs": 1, "batch_size": 4, "learning_rate": 3e-3}
    return Training.parse({**exact, **changes})


def plain() -> Student:
    return student()


def narrow() -> Student:
    """Return a student whose largest file is its tokenizer."""
    return student(intermediate_size=2, **NARROW)


def adapted() -> Student:
    """Return a student whose adapters are larger than its weights."""
    return _with_adapters(64)


def lightly_adapted() -> Student:
    return _with_adapters(1)


def _with_adapters(rank: int) -> Student:
    base = student()
    return Student(base.name, add_lora(base.model, Lora(rank=rank)), base.tokenizer)


def sized(size: int) -> Disk:
    return lambda: full_disk(size)


def until(name: str) -> Disk:
    return lambda: full_disk_at(name)


@pytest.mark.parametrize(
    ("build", "every", "disk", "place"),
    [
        (plain, None, sized(100), "s"),  # config.json
        (plain, None, sized(2_000), "s"),  # model.safetensors
        (narrow, None, sized(8_000), "s"),  # tokenizer.json
        (plain, None, until("tokenizer_config.json"), "s"),
        (plain, None, until("trained_on.json"), "s"),
        (plain, None, until("training.json"), "s"),
        (adapted, None, sized(2_000), "s"),  # model.safetensors
        (adapted, None, sized(200_000), "s"),  # final.safetensors
        (adapted, None, until("training.json"), "s"),
        (plain, 1, sized(100), "s.training/checkpoint-1"),  # process-0.pt
        (plain, 1, sized(20_000), "s.training/checkpoint-1"),  # weights.safetensors
        (plain, 1, sized(200_000), "s.training/checkpoint-1"),  # optimizer.pt
        (narrow, 1, sized(17_000), "s.training/checkpoint-1"),  # optimizer.pt
        (plain, 1, until("state.json"), "s.training/checkpoint-1"),
        (plain, 1, until("complete.json"), "s.training/checkpoint-1"),
        (adapted, 1, sized(200_000), "s.training/checkpoint-1"),  # weights.safetensors
        (lightly_adapted, 1, sized(20_000), "s.training/checkpoint-1"),  # optimizer.pt
        (lightly_adapted, 1, until("complete.json"), "s.training/checkpoint-1"),
        (lightly_adapted, 1, sized(60_000), "s"),  # model.safetensors, behind whole checkpoints
    ],
)
def test_a_full_disk_is_one_line_and_leaves_nothing_half_written(
    build: Callable[[], Student], every: int | None, disk: Disk, place: str, tmp_path: Path
) -> None:
    learner, out = build(), tmp_path / "s"
    with disk(), pytest.raises(DataError) as caught:
        train(learner, examples(), settings(save_every=every), out=out, notes=NOTES)
    said = str(caught.value)
    start, _, end = said.partition(f"cannot write {tmp_path / place}: ")
    assert not start
    assert end.startswith(("File too large: free some space", "the disk is full, or a file could"))
    assert "\n" not in said
    checkpoints = list(tmp_path.glob("s.training/*"))
    assert all((checkpoint / "complete.json").exists() for checkpoint in checkpoints)
    assert {path.name for path in tmp_path.iterdir()} <= {"s.training"}
    train(build(), examples(), settings(save_every=every), out=out, notes=NOTES)
    assert {path.name for path in out.iterdir()} >= FILES
    assert load_student(out).parameters
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


def test_a_full_disk_keeps_the_checkpoint_before(tmp_path: Path) -> None:
    out, place = tmp_path / "s", "s.training/checkpoint-2"
    longer = settings(save_every=1, epochs=2)
    with full_disk_at("checkpoint-2"), pytest.raises(DataError, match=f"cannot write .*{place}: "):
        train(plain(), examples(), longer, out=out)
    assert [path.name for path in tmp_path.glob("s.training/*")] == ["checkpoint-1"]
    train(plain(), examples(), longer, out=out)
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


@pytest.mark.parametrize("name", ["trained_on.json", "training.json", "members.json"])
def test_a_pair_without_its_documents_is_no_student(name: str, tmp_path: Path) -> None:
    parts = {each: Part(plain(), (each,)) for each in ("solver", "decomposer")}
    rows = {each: [row.model_copy(update={"task": each}) for row in examples()] for each in parts}
    with full_disk_at(f"pair/.{name}"), pytest.raises(DataError, match=r"cannot write .*File too"):
        train_members(parts, rows, settings(), out=tmp_path / "pair", notes=NOTES)
    assert not has_members(tmp_path / "pair")
    parts = {each: Part(plain(), (each,)) for each in parts}
    train_members(parts, rows, settings(), out=tmp_path / "pair", notes=NOTES)
    assert load_student(tmp_path / "pair").parts.keys() == parts.keys()
    assert {path.name for path in (tmp_path / "pair").glob("*.json")} >= {name, *NOTES}


def test_what_a_finished_student_lacks_is_written_by_the_same_call(tmp_path: Path) -> None:
    out = tmp_path / "s"
    train(plain(), examples(), settings(), out=out)
    assert not (out / "trained_on.json").exists()
    train(plain(), examples(), settings(), out=out, notes=NOTES)
    assert (out / "trained_on.json").exists()
