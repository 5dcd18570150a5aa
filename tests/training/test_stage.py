"""The stage `fit`: what a method's examples must hold before a student is trained on them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cotkd.errors import DataError
from cotkd.measuring.scores import measure_heads
from cotkd.measuring.settings import EvaluationConfig
from cotkd.measuring.suites import Suite
from cotkd.methods.base import Method
from cotkd.stages.fit import Arm, fit
from cotkd.students.load import load_student
from cotkd.students.lora import Lora
from cotkd.students.settings import StudentConfig
from cotkd.training.settings import Training
from cotkd.verify import verifier_of
from tests.methods.rows import QUESTIONS, RATIONALES
from tests.tiny import build_tokenizer, save, tiny_llama, tiny_t5

SETTINGS = Training(epochs=2, precision="float32")


def fitted(tmp_path: Path, build: Any, *, kept: Any = RATIONALES, **changes: Any) -> Arm:
    method = Method.parse({"kind": "step_by_step"} | changes.pop("method", {}))
    base = save(tmp_path / "base", build(), build_tokenizer())
    student = StudentConfig(model=str(base), **changes)
    return fit(
        "student",
        method,
        QUESTIONS,
        kept,
        base=student,
        training=SETTINGS,
        evaluation=EvaluationConfig(suites=()),
        folder=tmp_path / "run",
    )


@pytest.mark.parametrize("build", [tiny_llama, tiny_t5])
def test_markers_and_an_adapter_for_each_task_go_through_to_the_scores(
    build: Any, tmp_path: Path
) -> None:
    heads = {
        "predict": {"prefix": "<predict>", "template": "{answer}", "task": "predict"},
        "explain": {"prefix": "<explain>", "template": "{rationale}", "task": "explain"},
    }
    arm = fitted(
        tmp_path,
        build,
        method=heads,
        markers=("<predict>", "<explain>"),
        lora=Lora(rank=2, per_task=True),
    )
    assert arm.student.heads == ("predict", "explain")
    suite = {"own": Suite(list(QUESTIONS.values()), verifier_of("numeric"))}
    scores, again = (
        measure_heads(student, arm.method, suite, 6, out=tmp_path / str(number))
        for number, student in enumerate((arm.student, load_student(tmp_path / "run" / "student")))
    )
    assert list(scores) == ["student", "student:explain"]
    assert scores == again
    for label in scores:
        texts = {(tmp_path / number / label / "own.jsonl").read_text() for number in ("0", "1")}
        assert len(texts) == 1


def test_the_task_that_is_reported_must_have_examples(tmp_path: Path, caplog: Any) -> None:
    with pytest.raises(DataError, match="no example of the task 'predict', which the student is"):
        fitted(tmp_path, tiny_llama, method={"alpha": 0})
    fitted(tmp_path, tiny_llama, method={"alpha": 1})
    assert "head 'explain' of the student has no training example" in caplog.text


def test_a_head_may_be_trained_as_a_task_of_each_teacher(tmp_path: Path, caplog: Any) -> None:
    """Reported as the student or beside it."""
    for main in ("explain", "predict"):
        method = {"rationale_tasks": "teacher", "main": main}
        assert fitted(tmp_path / main, tiny_llama, method=method).training.steps
    assert "no training example" not in caplog.text


def test_rationales_that_a_target_cannot_hold_are_counted(tmp_path: Path, caplog: Any) -> None:
    method = {"kind": "mt_cot"}
    stating = RATIONALES[0].model_copy(update={"text": "The answer is 3. For 1*3=3."})
    fitted(tmp_path, tiny_llama, method=method, kept=[stating, *RATIONALES[1:]])
    assert "student: 1 of 8 rationales are not written: holds the delimiter" in caplog.text


def test_no_rationale_left_is_one_line_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="step_by_step made no example of 0 rationales") as caught:
        fitted(tmp_path, tiny_llama, kept=[])
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "run").exists()
