"""Files are evaluation suites too, with fields, options and a verifier of their own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cotkd.cli import main
from cotkd.measuring.settings import EvaluationConfig
from cotkd.measuring.suites import load_suites

STUDENT = ["--student.model", "microgsm-teacher", "--max-tokens", "4"]


@pytest.fixture
def yes_or_no(tmp_path: Path) -> Path:
    path = tmp_path / "yesno.csv"
    path.write_text("problem,target\nIs 3 more than 2?,yes\nIs 3 less than 2?,no\n")
    return path


FIELDS = ["--question-field", "problem", "--answer-field", "target"]


def test_a_file_is_evaluated_by_its_fields_and_verifier(yes_or_no: Path, tmp_path: Path) -> None:
    out = tmp_path / "scores"
    suites = ["--suites", str(yes_or_no), "--suites", "microgsm[:2]"]
    flags = [*STUDENT, *FIELDS, *suites, "--verifier", "boolean"]
    assert main(["evaluate", *flags, "--out", str(out)]) == 0
    scores = json.loads((out / "results.json").read_text())["scores"]["student"]
    assert [score["n"] for score in scores.values()] == [2, 2]
    files = (out / "evaluation" / "student").glob("*.jsonl")
    said = {file.stem: [json.loads(x) for x in file.read_text().splitlines()] for file in files}
    (name,) = (name for name in said if "yesno" in name)
    assert [row["verdict"].get("expected") for row in said[name]] == ["yes", "no"]
    (other,) = (name for name in said if "yesno" not in name)
    assert all(row["verdict"]["expected"].isdigit() for row in said[other])


def test_a_registered_set_among_files_keeps_its_verifier(yes_or_no: Path) -> None:
    settings = EvaluationConfig.parse(
        {"question_field": "problem", "answer_field": "target", "verifier": "boolean"}
    )
    suites = load_suites([f"{yes_or_no}[:1]", "microgsm[:1]"], settings)
    found = [(len(suite.questions), suite.verifier.kind) for suite in suites.values()]
    assert found == [(1, "boolean"), (1, "numeric")]


def test_options_of_a_file_are_read(tmp_path: Path) -> None:
    path = tmp_path / "choice.json"
    row = {"question": "What floats?", "options": ["an anvil", "a cork"], "answer": "B"}
    path.write_text(json.dumps([row]))
    settings = EvaluationConfig.parse({"choices_field": "options", "verifier": "choice"})
    ((_, suite),) = load_suites([str(path)], settings).items()
    assert suite.questions[0].choices == ("an anvil", "a cork")


@pytest.mark.parametrize(
    ("flags", "part"),
    [
        (["--verifier", "boolean"], "is for files among the suites, and there is none"),
        (["--answer-field", "target"], "answer_field 'target' is for files among the suites"),
    ],
)
def test_a_setting_for_files_needs_a_file(
    flags: list[str], part: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["evaluate", *STUDENT, "--suites", "microgsm[:2]", *flags]
    assert main([*command, "--out", str(tmp_path / "scores")]) == 2
    assert part in capsys.readouterr().err
    inside = [f"--evaluation.{flag[2:]}" if flag.startswith("--") else flag for flag in flags]
    run = ["run", "fine_tune_cot", "--evaluation.suites", "microgsm[:2]", *inside]
    assert main([*run, "--out", str(tmp_path / "run")]) == 2
    assert part in capsys.readouterr().err


def test_a_run_reads_suites_and_development_questions_by_the_same_fields(
    yes_or_no: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["--evaluation.suites", str(yes_or_no), "--evaluation.dev", str(yes_or_no)]
    absent = ["--student.model", "absent"]
    command = ["run", "fine_tune_cot", *flags, *absent, "--out", str(tmp_path / "run")]
    assert main(command) == 2
    assert "field 'answer' is missing (found: problem, target)" in capsys.readouterr().err
    fields = [f"--evaluation.{word[2:]}" if word[0] == "-" else word for word in FIELDS]
    assert main([*command, *fields]) == 2
    assert "absent" in capsys.readouterr().err, "the student is looked for after the suites"
