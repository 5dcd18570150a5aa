"""The course before forms with labels: its labels are right, and it is taken once."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from benchmarks.methods import course
from benchmarks.methods.__main__ import main
from benchmarks.methods.course import PARTS, Part, base_of, course_of, lessons, take_course
from cotkd.training import trainer
from cotkd.types import Architecture, Example


def label_of(example: Example) -> str | None:
    """Return the label that the number of the target has in the question; None without labels."""
    numbers = re.findall(r"\d+", example.target)
    proposed = re.search(r"Is the answer (\d+)\?", example.input)
    if proposed:
        return "yes" if proposed[1] == numbers[-1] else "no"
    options = {number: letter for letter, number in re.findall(r"\((\w)\) (\d+)", example.input)}
    return options[numbers[-1]] if len(options) == 4 else None


@pytest.mark.parametrize("architecture", ["decoder", "encoder-decoder"])
@pytest.mark.parametrize("part", PARTS, ids=lambda part: f"{part.kinds[-1]}-{part.largest}")
def test_every_label_is_that_of_the_number_before_it(
    part: Part, architecture: Architecture
) -> None:
    examples = lessons(architecture, part._replace(tokens=10_000))
    assert len(examples) == 500
    assert examples == lessons(architecture, part._replace(tokens=10_000))
    labelled = [(one, label) for one in examples if (label := label_of(one)) is not None]
    assert 300 < len(labelled) < 400
    for one, label in labelled:
        assert re.findall(r"\w+", one.target)[-1] == label
        assert one.target.count("=") <= 1, "a solution of more than one step"
        for start, end in one.loss_spans or ():
            assert one.target[start:end].strip() == label
    assert {label for _, label in labelled} == {"yes", "no", "A", "B", "C", "D"}
    assert {one.task for one in examples} == {"text", "label"}


def test_the_course_is_taken_once_and_says_what_came_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(course, "TEST", 10)
    monkeypatch.setattr(course, "AFTER_GOLD", 10)
    parts = (Part(("number",), 9, 3_000), Part(("problem",), 200, 3_000))
    base = take_course("microgsm-student", tmp_path, tmp_path / "bases", parts)
    found = course_of(base)
    assert found["n"] == 10
    assert 0 <= found["yesno"] <= 10
    assert 0 <= found["choice"] <= 10
    assert found["after_gold"]["n"] == 10
    assert 0 <= found["after_gold"]["choice"] <= 10
    monkeypatch.setattr(trainer, "_run", lambda *_: pytest.fail("trained again"))
    assert course_of(take_course("microgsm-student", tmp_path, tmp_path / "bases", parts)) == found


def test_a_base_without_a_course_says_how_it_takes_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(course, "BASES", tmp_path)
    words = ["run", "--forms", "yesno-course", "--students", "microgsm-student-t5"]
    with pytest.raises(SystemExit, match="course --students microgsm-student-t5"):
        main([*words, "--results", str(tmp_path / "results.jsonl"), "--work", str(tmp_path)])


@pytest.mark.parametrize("folder", sorted(course.BASES.iterdir()), ids=lambda folder: folder.name)
def test_the_figures_beside_a_base_are_of_its_weights(folder: Path) -> None:
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    assert course_of(folder)["digest"] == digest[:16]
    assert base_of(folder.name) == folder
