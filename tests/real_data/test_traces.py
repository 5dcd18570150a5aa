"""Replies with a thinking trace, in other tags and shapes than the usual ones."""

import json
import os
from pathlib import Path

import pytest

from cotkd.cli import main
from cotkd.store.rows import read_rows
from cotkd.types import Question, Rationale
from cotkd.verify import verifier_of

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def cases() -> Path:
    folder = CHECKOUT.parent / "shared" / "cases"
    if folder.is_dir():
        return folder
    if "real_data" in os.environ.get("COTKD_REQUIRE", "").split(","):
        pytest.fail(f"no cases at {folder} (COTKD_REQUIRE asks for them)")
    pytest.skip(f"no cases at {folder}")


@pytest.mark.parametrize("name", ["07_other_tags", "07_replay_thinking"])
def test_the_trace_becomes_the_rationale(cases: Path, name: str, tmp_path: Path) -> None:
    file, asked = cases / "traces" / f"{name}.jsonl", cases / "traces" / "07_questions.jsonl"
    out = tmp_path / "out"
    given = ["--questions", str(asked), "--rationale", "trace", "--out", str(out)]
    assert main(["filter", str(file), *given]) == 0
    found = {r.question_id: r for r in read_rows(out / "rounds/000/rationales.jsonl", Rationale)}
    assert all(row.text.strip() and not set("<>|") & set(row.text) for row in found.values())
    status = {name: row.verdict.status for name, row in found.items()}
    last = "unparsed" if name == "07_other_tags" else "correct"
    assert status == {"q2": "correct", "q3": "correct", "q4": last}


def test_no_verdict_reads_a_trace(cases: Path) -> None:
    lines = (cases / "verdicts.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["kind"] == "reasoning-trace"]
    assert len(rows) == 5
    for row in rows:
        question = Question(
            id="q", text="?", answer=row["gold"], choices=tuple(row.get("choices", ())) or None
        )
        verdict = verifier_of(row["verifier"]).verify_question(row["text"], question)
        assert verdict.status == row["want"], row["text"]
