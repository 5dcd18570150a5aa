"""A command goes on with what it began, from another folder and with files spelled otherwise."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cotkd.cli import main
from tests.tiny import build_tokenizer, save, tiny_llama


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with questions, recorded texts and a model, as the working directory."""
    folder = tmp_path / "project"
    (tmp_path / "elsewhere").mkdir()
    save(folder / "base", tiny_llama(seed=0), build_tokenizer())
    rows = [{"id": f"q{n}", "text": f"What is {n}+1?", "answer": str(n + 1)} for n in range(4)]
    said = [
        {"id": f"q{n}", "text": f"{n}+1=<<{n}+1={n + 1}>>{n + 1}\n#### {n + 1}"} for n in range(4)
    ]
    for name, lines in (("q.jsonl", rows), ("rec.jsonl", said)):
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in lines))
    monkeypatch.chdir(folder)
    return folder


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


SPELLINGS = [("", "."), ("./", "."), ("../project/", "../elsewhere"), ("ABSOLUTE", "../elsewhere")]


@pytest.mark.parametrize(("base", "where"), SPELLINGS)
def test_sampling_goes_on_in_the_stream_that_was_begun(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    base: str,
    where: str,
) -> None:
    def command(base: str) -> list[str]:
        files = ["--questions", f"{base}q.jsonl", "--teacher.model", f"{base}rec.jsonl"]
        return ["sample", "--teacher.engine", "replay", "--n", "1", *files, "--out", f"{base}out"]

    assert main(command("")) == 0
    capsys.readouterr()
    before = names(project / "out" / "samples")
    base = base.replace("ABSOLUTE", f"{project}/")
    monkeypatch.chdir(where)
    assert main(command(base)) == 0
    assert "4 samples of 4 questions: 0 made now, 4 there before" in capsys.readouterr().out
    assert names(project / "out" / "samples") == before
    assert main([*command(base), "--seed", "1"]) == 2
    said = capsys.readouterr().err
    assert "seed: 0 -> 1" in said
    assert "q.jsonl" not in said


def test_all_stages_go_on_from_another_folder(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def commands(base: str) -> list[list[str]]:
        question, student = f"{base}q.jsonl", f"{base}trained/rounds/000/student"
        train = ["--student.model", f"{base}base", "--training.processed-tokens", "500"]
        ask = ["--student.model", student, "--suites", f"{question}[:3]", "--max-tokens", "4"]
        return [
            ["filter", f"{base}rec.jsonl", "--questions", question, "--out", f"{base}kept"],
            ["train", f"{base}kept", *train, "--out", f"{base}trained"],
            ["evaluate", *ask, "--out", f"{base}scores"],
        ]

    for command in commands(""):
        assert main(command) == 0
    written = names(project / "scores" / "evaluation" / "student")
    monkeypatch.chdir("../elsewhere")
    for command in commands("../project/"):
        assert main(command) == 0, capsys.readouterr().err
    assert names(project / "scores" / "evaluation" / "student") == written
    assert names(project) == {"base", "q.jsonl", "rec.jsonl", "kept", "trained", "scores"}


def test_a_run_goes_on_from_another_folder(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def command(base: str) -> list[str]:
        teacher = ["--teacher.kind", "replay", "--teacher.model", f"{base}rec.jsonl"]
        files = ["--questions.name", f"{base}q.jsonl", "--evaluation.suites", f"{base}q.jsonl[:3]"]
        student = ["--student.model", f"{base}base", "--training.processed-tokens", "500"]
        small = ["--samples", "1", "--evaluation.max-tokens", "4", "--evaluation.teacher", "false"]
        out = ["--out", f"{base}run"]
        return ["run", "fine_tune_cot", *teacher, *files, *student, *small, *out]

    assert main(command("")) == 0
    first = json.loads((project / "run" / "results.json").read_text())
    written = names(project / "run" / "evaluation" / "student"), names(project / "run" / "samples")
    monkeypatch.chdir("../elsewhere")
    assert main(command(f"{project}/")) == 0
    again = json.loads((project / "run" / "results.json").read_text())
    assert again["scores"] == first["scores"]
    folders = (project / "run" / "evaluation" / "student", project / "run" / "samples")
    assert (names(folders[0]), names(folders[1])) == written
