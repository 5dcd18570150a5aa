r"""Texts with `\r\n` come in as texts with `\n`, whichever door they take."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cotkd.cli import main
from cotkd.questions import load_questions
from cotkd.store.rows import read_rows
from cotkd.types import Completion, Question, Rationale

ASKED = {"id": "q", "question": "Ann has 3 eggs.\r\nHow many?", "answer": "2+1=3\r\n#### 3\r\n"}
SAID = {"id": "q", "text": "First\r\n2+1=<<2+1=3>>3 eggs.\r\n#### 3\r\n"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, row in (("q", ASKED), ("rec", SAID)):
        (tmp_path / f"{name}.jsonl").write_bytes(json.dumps(row).encode() + b"\r\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_questions_have_none(folder: Path) -> None:
    (question,) = load_questions("q.jsonl")
    assert question.text == "Ann has 3 eggs.\nHow many?"
    assert question.answer == "3"
    assert "\r" not in question.to_json()


def test_samples_and_rationales_have_none(folder: Path) -> None:
    replay = ["--teacher.engine", "replay", "--teacher.model", "rec.jsonl", "--n", "1"]
    assert main(["sample", "--questions", "q.jsonl", *replay, "--out", "samples"]) == 0
    (file,) = (folder / "samples" / "samples").glob("*.jsonl")
    (completion,) = read_rows(file, Completion)
    assert completion.text == "First\n2+1=<<2+1=3>>3 eggs.\n#### 3\n"
    for number, source in enumerate(("samples", "rec.jsonl")):
        out = folder / f"kept{number}"
        assert main(["filter", source, "--questions", "q.jsonl", "--out", str(out)]) == 0
        (rationale,) = read_rows(out / "rounds" / "000" / "rationales.jsonl", Rationale)
        assert rationale.verdict.status == "correct"
        assert "\r" not in rationale.text
        (asked,) = read_rows(out / "rounds" / "000" / "questions.jsonl", Question)
        assert "\r" not in asked.text


def test_verdicts_do_not_depend_on_them(folder: Path) -> None:
    row = {"text": "So it is\r\nThe answer is: yes\r\n", "gold": "yes\r\n"}
    (folder / "v.jsonl").write_text(json.dumps(row) + "\n")
    fields = ["--text-field", "text", "--gold-field", "gold", "--verifier.kind", "boolean"]
    assert main(["verify", "v.jsonl", *fields, "--out", "out.jsonl"]) == 0
    verdict = json.loads((folder / "out.jsonl").read_text())
    assert (verdict["status"], verdict["expected"]) == ("correct", "yes")
