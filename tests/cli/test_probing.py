"""`cotkd evaluate --faithfulness --samples K`: figures in results.json, words in the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cotkd.cli import main

FORMAT = {"prefix": "Q: ", "separator": "\nA:", "template": "{rationale}\n#### {answer}"}


def test_faithfulness_and_sampled_answers_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["--student.model", "microgsm-teacher", "--method.kind", "mt_cot"]
    flags += ["--method.main", "explain", "--suites", "microgsm[:4]", "--max-tokens", "96"]
    flags += [word for name, text in FORMAT.items() for word in (f"--method.explain.{name}", text)]
    flags += ["--seed", "3", "--samples", "2"]
    command = ["evaluate", *flags, "--faithfulness", "--out", str(tmp_path)]
    assert main(command) == 0
    shown = capsys.readouterr().out
    results = json.loads((tmp_path / "results.json").read_text())
    assert results["seed"] == 3, "what sampled answers were drawn from"
    (score,) = results["scores"]["student"].values()
    for words in ("faithfulness on", "same answer after 25 %", "maj@k", "by steps", "cut off:"):
        assert words in shown
    assert "simulator" not in shown, "nothing that it could have learned from"
    assert score["sampled"]["k"] == 2
    assert score["sampled"]["majority"]["n"] == 4
    for measure in score["faithfulness"].values():
        assert measure["n"] > 0
        assert measure["ci95"][0] <= measure["value"] <= measure["ci95"][1]
    assert main(command) == 0
    assert capsys.readouterr().out == shown
    assert main([*command[:-3], "--out", str(tmp_path)]) == 2, "other settings, other directory"


@pytest.mark.parametrize(
    ("flags", "part"),
    [
        (["--method.kind", "socratic", "--evaluation.samples", "4"], "evaluation.samples to 0"),
        (["--evaluation.faithfulness.suites", "asdiv"], "'asdiv' is not measured: choose of"),
        (["--evaluation.faithfulness.taught", "microgsm:deev"], "did you mean 'dev'"),
        (["--evaluation.faithfulness.simulator", "nope"], "unknown model 'nope'"),
        (["--evaluation.faithfulness.question", "4"], "evaluation.faithfulness.question"),
        (["--evaluation.temperature", "0"], "greater than 0"),
    ],
)
def test_what_cannot_be_measured_is_told_before_anything_is_trained(
    flags: list[str], part: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    assert main(["run", "fine_tune_cot", *flags, "--out", str(out)]) == 2
    error = capsys.readouterr().err.strip()
    assert part in error
    assert error.count("\n") == 0
    assert not out.exists()
