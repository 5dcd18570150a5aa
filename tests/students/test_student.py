"""Students of several models: who answers what, saving, loading, and what is missing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cotkd.errors import DataError, SettingError
from cotkd.students.index import INDEX
from cotkd.students.load import load_student
from cotkd.students.student import Part, Student, together
from tests.tiny import build_tokenizer, tiny_gpt2, tiny_llama, tiny_t5


def pair() -> Student:
    solver = Student("solver", tiny_llama(seed=1), build_tokenizer())
    decomposer = Student("decomposer", tiny_t5(seed=2), build_tokenizer())
    return together(
        {"solver": Part(solver, ("solve",)), "decomposer": Part(decomposer, ("decompose",))}
    )


def said(student: Student, task: str | None) -> str:
    return student.generate(["Ann has 3 eggs."], max_tokens=8, task=task)[0].text


def test_each_task_is_answered_by_its_own_model_whatever_its_architecture(tmp_path: Path) -> None:
    student = pair()
    alone = {name: part.student for name, part in student.parts.items()}
    assert said(student, "decompose") == said(alone["decomposer"], None)
    assert said(student, "solve") == said(student, None) == said(alone["solver"], None)
    assert said(student, "solve") != said(student, "decompose")
    assert student.architecture == "decoder"
    assert student.parameters == sum(part.parameters for part in alone.values())


def test_a_saved_pair_loads_and_answers_alike(tmp_path: Path) -> None:
    student = pair()
    student.save(tmp_path / "pair")
    loaded = load_student(tmp_path / "pair")
    for task in ("solve", "decompose"):
        assert said(loaded, task) == said(student, task)
    assert loaded.parameters == student.parameters


def test_a_pair_that_cannot_be_written_leaves_the_one_before_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair().save(tmp_path / "pair")
    files = [path for path in (tmp_path / "pair").rglob("*") if path.is_file()]
    before = {path: path.read_bytes() for path in files}
    other = Student("other", tiny_gpt2(seed=3), build_tokenizer())
    student = pair()
    student = together({**student.parts, "solver": Part(other, ("solve",))})

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(student.parts["decomposer"].student.model, "save_pretrained", full)
    with pytest.raises(DataError, match=r"cannot write .*pair: .*No space left"):
        student.save(tmp_path / "pair")
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path: path.read_bytes() for path in left} == before


@pytest.mark.parametrize("half", ["solver", "decomposer"])
def test_a_missing_half_is_named(half: str, tmp_path: Path) -> None:
    pair().save(tmp_path / "pair")
    shutil.rmtree(tmp_path / "pair" / half)
    with pytest.raises(DataError, match=f"of its models solver, decomposer there is no {half}:"):
        load_student(tmp_path / "pair")


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"../solver": ["solve"]}', '{"solver": "x"}'])
def test_a_damaged_index_is_one_line(text: str, tmp_path: Path) -> None:
    pair().save(tmp_path / "pair")
    (tmp_path / "pair" / INDEX).write_text(text)
    with pytest.raises(DataError, match=INDEX) as error:
        load_student(tmp_path / "pair")
    assert "\n" not in str(error.value)


def test_a_pair_is_adapted_one_by_one(tmp_path: Path) -> None:
    pair().save(tmp_path / "pair")
    with pytest.raises(SettingError, match="several models"):
        load_student(tmp_path / "pair", lora=True)


def test_three_models_answer_for_one_student() -> None:
    parts = {
        name: Part(Student(name, build(seed=seed), build_tokenizer()), (name,))
        for seed, (name, build) in enumerate(
            {"a": tiny_llama, "b": tiny_t5, "c": tiny_gpt2}.items()
        )
    }
    student = together(parts)
    assert [said(student, name) for name in parts] == [
        said(part.student, None) for part in parts.values()
    ]
