"""A student whose tokenizer lacks braces, `<` and line breaks, on texts that are full of them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cotkd.cli import main
from cotkd.students.load import load_student

CHECKOUT = Path(__file__).resolve().parents[2]
SIGNS = ("'{' (", "'<' (", "'}' (", r"'\n' (", r"'\\' (")


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with questions, completions and the student, as the working directory."""
    folder = CHECKOUT.parent / "shared" / "cases" / "questions"
    if not folder.is_dir():
        if "real_data" in os.environ.get("COTKD_REQUIRE", "").split(","):
            pytest.fail(f"no cases at {folder} (COTKD_REQUIRE asks for them)")
        pytest.skip(f"no cases at {folder}")
    for file in folder.glob("12_*"):
        shutil.copy(file, tmp_path)
    make = [sys.executable, "12_t5_unknown_tokens_mk.py"]
    subprocess.run(make, cwd=tmp_path, check=True, capture_output=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_they_are_named_refused_trained_all_the_same_or_added(
    case: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    asked = ["--questions", "12_t5_q.jsonl"]
    replay = ["--teacher.engine", "replay", "--teacher.model", "12_t5_rec.jsonl", "--n", "1"]
    assert main(["sample", *asked, *replay, "--out", "samples"]) == 0
    assert main(["filter", "samples", *asked, "--out", "kept"]) == 0
    train = ["train", "kept", "--student.model", "tinyt5", "--training.epochs", "1"]
    capfd.readouterr()
    assert main([*train, "--out", "refused"]) == 2
    said = capfd.readouterr().err
    assert all(sign in said for sign in SIGNS)
    assert "student.add_unknown=true" in said
    assert said.count("\n") == 1
    assert not (case / "refused").exists()
    assert main([*train, "--student.most-unknown", "1", "--out", "lossy"]) == 0
    assert all(sign in caplog.text for sign in SIGNS)
    assert main([*train, "--student.add-unknown", "true", "--out", "whole"]) == 0
    assert "5 signs become tokens: " in caplog.text
    for name, known in (("lossy", False), ("whole", True)):
        tokenizer = load_student(case / name / "rounds" / "000" / "student").tokenizer
        text = "<<2*12=24>> \\frac{2}{1}"
        read = tokenizer.decode(tokenizer(text)["input_ids"], skip_special_tokens=True)
        assert (read == text) is known


def test_a_run_goes_on_with_added_signs(case: Path, capfd: pytest.CaptureFixture[str]) -> None:
    teacher = ["--teacher.kind", "replay", "--teacher.model", "12_t5_rec.jsonl", "--samples", "1"]
    asked = ["--questions.name", "12_t5_q.jsonl", "--evaluation.suites", "12_t5_q.jsonl"]
    small = ["--training.processed-tokens", "500", "--evaluation.max-tokens", "4"]
    student = ["--student.model", "tinyt5", "--student.add-unknown", "true"]
    command = ["run", "fine_tune_cot", *teacher, *asked, *small, *student, "--out", "run"]
    assert main(command) == 0
    first = (case / "run" / "results.json").read_text()
    assert main(command) == 0, capfd.readouterr().err
    assert (case / "run" / "results.json").read_text().split('"seconds"')[0] == (
        first.split('"seconds"')[0]
    )
