"""`cotkd verify`: a verdict for each line in order, never a wrong one for a gold that is none."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from cotkd.cli import main, verdicts
from cotkd.cli.progress import Progress
from cotkd.types import Question, Verdict
from cotkd.verify import Verifier
from cotkd.verify.numeric import Numeric


def judged(tmp_path: Path, rows: Sequence[dict[str, Any]], *flags: str, code: int = 0) -> list[Any]:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    fields = ["--text-field", "t", "--gold-field", "g", "--out", str(out)]
    assert main(["verify", str(source), *fields, *flags]) == code
    return [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []


@pytest.mark.parametrize("kind", ["numeric", "math", "text", "boolean", "choice"])
@pytest.mark.parametrize(
    ("gold", "reason"),
    [
        (float("nan"), "the gold answer is nan"),
        (float("-inf"), "the gold answer is -inf"),
        (["4", "5"], "the gold answer is a list, not a text or a number"),
        ([], "the gold answer is a list, not a text or a number"),
        ({"value": 4}, "the gold answer is an object, not a text or a number"),
    ],
)
def test_a_gold_that_is_no_answer_makes_the_verdict_unparsed(
    kind: str, gold: Any, reason: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [{"t": "The answer is 4.", "g": "4"}, {"t": f"The answer is {gold}.", "g": gold}]
    found = judged(tmp_path, rows, "--verifier", kind)[1]
    assert (found["status"], found["reason"]) == ("unparsed", reason)
    assert f"1 gold answers are none, the first in line 2: {reason}" in caplog.text


@pytest.mark.parametrize("gold", [4, 4.0, "4", ["4"], [4]])
def test_golds_of_other_types_are_read(gold: Any, tmp_path: Path) -> None:
    assert judged(tmp_path, [{"t": "#### 4", "g": gold}])[0]["status"] == "correct"
    assert judged(tmp_path, [{"t": "#### 5", "g": gold}])[0]["status"] == "wrong"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (None, "unparsed"),
        (4, "correct"),
        ([{"type": "thinking", "thinking": "5"}, {"type": "text", "text": "4"}], "correct"),
        ({"role": "assistant", "content": "4", "reasoning": "5"}, "correct"),
        ("<think>4", "unparsed"),
    ],
)
def test_texts_of_other_types_are_read(text: Any, status: str, tmp_path: Path) -> None:
    assert judged(tmp_path, [{"t": text, "g": "4"}])[0]["status"] == status


def test_a_text_that_is_none_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert judged(tmp_path, [{"t": {"a": 1}, "g": "4"}], code=2) == []
    assert "in.jsonl:1: t holds dict, expected a text" in capsys.readouterr().err


def test_an_unparsed_verdict_says_why(tmp_path: Path) -> None:
    (found,) = judged(tmp_path, [{"t": "No idea.", "g": "4"}])
    assert found["reason"] == "no answer found"


def test_options_are_taken_from_a_field(tmp_path: Path) -> None:
    rows = [
        {"t": "The answer is a cork.", "g": "B", "o": ["an anvil", "a cork"]},
        {"t": "The answer is an anvil.", "g": "B", "o": ["an anvil", "a cork"]},
        {"t": "The answer is a cork.", "g": "B", "o": {"label": "AB", "text": ["x", "a cork"]}},
        {"t": "The answer is B.", "g": "B", "o": None},
    ]
    flags = ["--verifier", "choice", "--choices-field", "o"]
    statuses = [row["status"] for row in judged(tmp_path, rows, *flags)]
    assert statuses == ["correct", "wrong", "correct", "correct"]


def test_options_that_are_none_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{"t": "B", "g": "B", "o": "A or B"}]
    judged(tmp_path, rows, "--verifier", "choice", "--choices-field", "o", code=2)
    assert "in.jsonl:1: o must be a list of options: A or B" in capsys.readouterr().err


def test_golds_that_cannot_be_read_are_named_before_anything_is_judged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    said_first = []

    def verify_all(self: Verifier, texts: Any, questions: Sequence[Question]) -> list[Verdict]:
        said_first.append("cannot be read" in caplog.text)
        return [Verdict(status="unparsed")] * len(texts)

    monkeypatch.setattr(Numeric, "verify_all", verify_all)
    judged(tmp_path, [{"t": "4", "g": "4"}, {"t": "yes", "g": "yes"}])
    assert said_first == [True]
    assert "1 of 2 gold answers cannot be read by the verifier numeric" in caplog.text
    assert "the first 'yes' (line 2)" in caplog.text
    assert "boolean" in caplog.text.partition("verifiers that read it: ")[2]


@pytest.mark.parametrize("gold", ["yes", ["4", "5"]])
def test_strict_makes_them_an_error(
    gold: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{"t": "4", "g": "4"}, {"t": "yes", "g": gold}]
    assert judged(tmp_path, rows, "--strict", code=2) == []
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "line 2" in said


def test_parts_keep_the_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdicts, "PART", 7)
    rows = [
        {"id": at, "t": f"#### {at % 3}", "g": ["x", "y"] if at % 5 == 0 else "1"}
        for at in range(40)
    ]
    found = judged(tmp_path, rows)
    assert [row["id"] for row in found] == list(range(40))
    for at, row in enumerate(found):
        right = "correct" if at % 3 == 1 else "wrong"
        assert row["status"] == ("unparsed" if at % 5 == 0 else right)


def test_without_a_terminal_a_line_is_written_each_minute(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Progress("verify", total=300, unit="texts") as progress:
        progress.advance(100)
        assert capsys.readouterr().err == ""
        monkeypatch.setattr("cotkd.cli.progress.SILENCE", 0.0)
        progress.advance(50)
    said = capsys.readouterr().err
    assert said.startswith("verify: 150 of 300 texts done, ")
    assert said.count("\n") == 1
