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
    command = ["evaluate", *flags, "--samples", "2", "--faithfulness", "--out", str(tmp_path)]
    assert main(command) == 0
    shown = capsys.readouterr().out
    (score,) = json.loads((tmp_path / "results.json").read_text())["scores"]["student"].values()
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
