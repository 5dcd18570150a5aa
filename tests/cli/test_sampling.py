"""`cotkd sample`: budgets, adaptive k, pools, other runs' samples and wrong answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cotkd.cli import main
from tests.cli.test_commands import lines, write
from tests.tiny import build_tokenizer, save, tiny_llama


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Ten questions; of each, recorded samples that are right from number n % 3 on."""
    asked = [{"id": f"q{n}", "text": f"{n}+1?", "answer": str(n + 1)} for n in range(10)]
    texts = [
        {"id": f"q{n}", "text": f"{n}+1 is {i} and more\n#### {n + 1 + (i < n % 3)}"}
        for n in range(10)
        for i in range(6)
    ]
    return write(tmp_path / "asked.jsonl", asked), write(tmp_path / "told.jsonl", texts)


def sample(files: tuple[Path, Path], out: Path, *flags: str) -> int:
    asked, told = files
    start = ["sample", "--questions", str(asked), "--teacher.engine", "replay"]
    return main([*start, "--teacher.model", str(told), "--n", "6", "--out", str(out), *flags])


def rows(out: Path) -> list[dict]:
    return [row for path in sorted(out.glob("samples/*.jsonl")) for row in lines(path)]


def test_a_budget_stops_keeps_all_and_a_larger_one_goes_on(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = save(tmp_path / "model", tiny_llama(), build_tokenizer())
    command = ["sample", "--questions", str(files[0]), "--teacher.model", str(model), "--n", "3"]
    command += ["--max-tokens", "4", "--teacher.batch-tokens", "100"]
    assert main([*command, "--out", str(tmp_path / "whole")]) == 0
    counts = []
    for budget in ("50", "200", "100000"):
        assert main([*command, "--out", str(tmp_path / "run"), "--budget.tokens", budget]) == 0
        counts.append(len(rows(tmp_path / "run")))
        told = capsys.readouterr().out
        assert ("stopped at the budget of" in told) == (budget != "100000"), told
    assert 0 < counts[0] < counts[1] < counts[2] == 30
    assert rows(tmp_path / "run") == rows(tmp_path / "whole")


def test_adaptive_k_asks_no_more_than_it_needs_and_says_what_it_spared(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ("--adaptive.correct", "1", "--adaptive.wave", "1")
    assert sample(files, tmp_path / "run", *flags) == 0
    asked = {f"q{n}": n % 3 + 1 for n in range(10)}
    found = rows(tmp_path / "run")
    assert len(found) == sum(asked.values())
    assert {name: sum(row["question_id"] == name for row in found) for name in asked} == asked
    assert f"spared: {60 - len(found)} samples" in capsys.readouterr().out


def test_two_teachers_share_a_run_from_yaml_and_flags(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    asked, told = files
    other = write(tmp_path / "other.jsonl", lines(told))
    teachers = [{"kind": "replay", "model": str(path)} for path in (told, other)]
    flags = ["--teacher.teachers", json.dumps(teachers), "--teacher.shares", "2,1"]
    command = ["sample", "--questions", str(asked), "--teacher.engine", "pool", *flags]
    assert main([*command, "--n", "6", "--out", str(tmp_path / "run")]) == 0
    found = rows(tmp_path / "run")
    names = [row["teacher"] for row in found]
    assert len(found) == 60
    assert abs(names.count("told") - 40) <= 2
    assert len({row["stream"] for row in found}) == 2


def test_samples_are_reused_and_said_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COTKD_CACHE", str(tmp_path / "cache"))
    model = save(tmp_path / "model", tiny_llama(), build_tokenizer())
    asked = write(tmp_path / "asked.jsonl", [{"id": "a", "text": "Ann has 3", "answer": "3"}])
    command = ["sample", "--questions", str(asked), "--teacher.model", str(model), "--n", "3"]
    command += ["--max-tokens", "4"]
    for out, said in (("a", "3 made now"), ("b", "0 made now, 3 reused"), ("c", "3 made now")):
        flags = ["--no-cache"] if out == "c" else []
        assert main([*command, "--out", str(tmp_path / out), *flags]) == 0
        assert said in capsys.readouterr().out
    assert rows(tmp_path / "a") == rows(tmp_path / "b") == rows(tmp_path / "c")


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--budget.cost", "1"), "budget.cost needs a price of 'told'"),
        (("--budget.tokens", "0"), "budget.tokens"),
        (("--budget.token", "5"), "did you mean"),
        (("--adaptive.correct", "0"), "adaptive.correct"),
        (("--budget.prices", "nowhere.yaml"), "not a readable table of prices"),
    ],
)
def test_mistakes_are_one_line_and_exit_2(
    files: tuple[Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    flags: tuple[str, str],
    message: str,
) -> None:
    assert sample(files, tmp_path / "run", *flags) == 2
    said = capsys.readouterr().err.strip()
    assert message in said
    assert "\n" not in said
