"""Adapters: one for all tasks or one for each, over whole weights or over four bits."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
import torch

from cotkd.errors import DataError, MissingDependency, SettingError
from cotkd.students.load import load_student
from cotkd.students.lora import Lora, adapter_name, add_lora
from cotkd.students.student import Student
from tests.tiny import build_tokenizer, save, tiny_bart, tiny_gpt2, tiny_llama, tiny_t5

TASKS = ("predict", "explain:org/some.teacher")
builds = pytest.mark.parametrize("build", [tiny_llama, tiny_t5, tiny_bart, tiny_gpt2])
IDS = torch.tensor([[5, 9, 30, 7]])


def logits(model: Any) -> torch.Tensor:
    inputs = {"input_ids": IDS}
    if model.config.is_encoder_decoder:
        inputs["decoder_input_ids"] = IDS
    with torch.no_grad():
        return model(**inputs).logits


def shaken(student: Student) -> Student:
    """Give adapters weights that are not zero, as a training would."""
    draw = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, weight in student.model.named_parameters():
            if "lora_" in name:
                weight.copy_(0.1 * torch.randn(weight.shape, generator=draw))
    return student


@builds
def test_each_task_has_an_adapter_that_is_trained_and_saved_as_a_model(
    build: Any, tmp_path: Path
) -> None:
    folder = save(tmp_path / "m", build(), build_tokenizer())
    student = shaken(load_student(folder, lora=Lora(rank=2, per_task=True), tasks=TASKS))
    assert student.heads == TASKS
    one = load_student(folder, lora=Lora(rank=2))
    assert student.trainable == 2 * one.trainable
    outputs = {task: logits(student.for_task(task)) for task in TASKS}
    assert not torch.allclose(*outputs.values(), atol=1e-2)
    assert torch.equal(logits(student.for_task(None)), outputs[TASKS[0]])
    saved = student.save(tmp_path / "saved")
    again = load_student(saved)
    assert tuple(again.members) == TASKS[1:]
    for task, expected in outputs.items():
        torch.testing.assert_close(logits(again.for_task(task)), expected, atol=1e-3, rtol=1e-3)
    alone = load_student(saved / "heads" / adapter_name(TASKS[1]))
    assert torch.equal(logits(alone.model), logits(again.for_task(TASKS[1])))
    with pytest.raises(SettingError, match="has models for several tasks"):
        load_student(saved, lora=True)


def test_a_head_whose_task_was_trained_in_parts_is_answered_by_the_first_of_them(
    tmp_path: Path,
) -> None:
    tasks = ("predict", "explain:a", "explain:b")
    folder = save(tmp_path / "m", tiny_llama(), build_tokenizer())
    student = shaken(load_student(folder, lora=Lora(rank=2, per_task=True), tasks=tasks))
    first, second = (logits(student.for_task(task)) for task in tasks[1:])
    assert torch.equal(logits(student.for_task("explain")), first)
    assert not torch.equal(first, second)
    again = load_student(student.save(tmp_path / "saved"))
    assert again.for_task("explain") is again.members["explain:a"]
    assert again.for_task("expla") is again.model


def test_an_adapter_per_task_needs_tasks() -> None:
    with pytest.raises(SettingError, match="needs the names of the tasks"):
        add_lora(tiny_llama(), Lora(per_task=True))


@pytest.mark.parametrize("build", [tiny_llama, tiny_t5])
def test_adapters_over_four_bits_are_trained_and_merge_exactly(build: Any, tmp_path: Path) -> None:
    pytest.importorskip("bitsandbytes")
    folder = save(tmp_path / "m", build(), build_tokenizer())
    student = shaken(load_student(folder, lora=Lora(rank=2, base="nf4")))
    kinds = {type(module).__name__ for module in student.model.modules()}
    assert "Linear4bit" in kinds
    assert student.parameters == load_student(folder).parameters + student.trainable
    expected = logits(student.model)
    again = load_student(student.save(tmp_path / "saved"))
    assert {weight.dtype for weight in again.model.parameters()} == {torch.float32}
    torch.testing.assert_close(logits(again.model), expected, atol=1e-3, rtol=1e-3)
    assert torch.equal(logits(student.model), expected)


def test_four_bits_without_their_library_are_one_line(tmp_path: Path, monkeypatch: Any) -> None:
    folder = save(tmp_path / "m", tiny_llama(), build_tokenizer())
    for name in [name for name in sys.modules if name.startswith("bitsandbytes")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingDependency, match=r"need bitsandbytes: pip install 'cotkd\[qlora\]'"):
        load_student(folder, lora=Lora(base="nf4"))


def test_a_student_of_several_models_is_not_trained(tmp_path: Path) -> None:
    from cotkd.training.trainer import train
    from tests.training.arms import examples

    student = Student("two", tiny_llama(), build_tokenizer(), {"explain": tiny_llama()})
    with pytest.raises((SettingError, DataError), match="train them one by one"):
        train(student, examples(2))


def test_adapters_are_added_without_warnings_of_the_libraries() -> None:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        add_lora(tiny_llama(), Lora(rank=2))
    assert [str(warning.message) for warning in said] == []
