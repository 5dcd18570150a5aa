"""`cotkd train` as a command: one line for bad input with nothing left, several processes."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cotkd.cli import main
from cotkd.store.rows import read_json
from tests.tiny import build_tokenizer, save, tiny_llama

SHORT = ["--training.processed-tokens", "2000", "--training.batch-tokens", "512"]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A directory of `cotkd filter` with eight rationales."""
    folder = tmp_path_factory.mktemp("kept")
    rows = [{"id": f"q{n}", "text": f"What is {n}+1?", "answer": str(n + 1)} for n in range(8)]
    said = [
        {"id": f"q{n}", "text": f"{n}+1=<<{n}+1={n + 1}>>{n + 1}\n#### {n + 1}"} for n in range(8)
    ]
    for name, lines in (("questions", rows), ("recorded", said)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in lines))
    asked = ["--questions", str(folder / "questions.jsonl")]
    replay = ["--teacher.engine", "replay", "--teacher.model", str(folder / "recorded.jsonl")]
    samples, out = str(folder / "samples"), str(folder / "kept")
    assert main(["sample", *asked, *replay, "--n", "1", "--out", samples]) == 0
    assert main(["filter", samples, *asked, "--out", out]) == 0
    return out


def base(folder: Path, **tokens: str | None) -> Path:
    tokenizer = copy.deepcopy(build_tokenizer())
    for name, token in tokens.items():
        setattr(tokenizer, name, token)
    return save(folder, tiny_llama(seed=0), tokenizer)


Bad = tuple[str, Callable[[Path], Path], list[str], list[str]]
BAD: dict[str, Bad] = {
    "too short": ("max_length", base, ["--training.max-length", "4"], []),
    "no padding": ("has no padding token", lambda p: base(p, pad_token=None), [], []),
    "no end": ("has no end token", lambda p: base(p, eos_token=None), [], []),
    "small step": ("batch_tokens is 9", base, ["--training.batch-tokens", "9"], []),
}
"""What is said, the student, what is wrong with the flags, and what is right instead."""


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line_and_the_corrected_command_runs(
    name: str, kept: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said, make, wrong, right = BAD[name]
    out = tmp_path / "out"
    command = ["train", kept, "--out", str(out), *SHORT, "--student.model"]
    bad = str(make(tmp_path / "bad"))
    capsys.readouterr()
    assert main([*command, bad, *wrong]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert not out.exists()
    assert main([*command, str(base(tmp_path / "good")), *right]) == 0


def test_a_run_looks_at_its_student_before_the_first_sample(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad, out = str(base(tmp_path / "bad", pad_token=None)), tmp_path / "out"
    capsys.readouterr()
    assert main(["run", "fine_tune_cot", "--student.model", bad, "--out", str(out)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "has no padding token" in line
    assert not out.exists()


def test_the_processes_of_torchrun_train_one_student(kept: str, tmp_path: Path) -> None:
    student = str(base(tmp_path / "base"))
    alone, together = tmp_path / "alone", tmp_path / "together"
    flags = ["train", kept, "--student.model", student, *SHORT]
    assert main([*flags, "--out", str(alone)]) == 0
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    done = subprocess.run(
        [sys.executable, *launcher, "-m", "cotkd", *flags, "--out", str(together)],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count("student in ") == 1

    def result(out: Path) -> dict[str, object]:
        found = read_json(out / "rounds" / "000" / "student" / "training.json")
        return {name: found[name] for name in ("processed_tokens", "steps", "examples")}

    assert result(together) == result(alone)
    files = {str(file.relative_to(alone)) for file in alone.rglob("*") if file.is_file()}
    assert {str(f.relative_to(together)) for f in together.rglob("*") if f.is_file()} == files


def test_what_one_process_does_is_not_started_in_several(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RANK", "0")
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert main(["run", "fine_tune_cot"]) == 2
    assert "only `cotkd train` shares its work" in capsys.readouterr().err
