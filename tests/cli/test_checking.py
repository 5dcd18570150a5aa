"""`cotkd check` says which rows a verifier would misjudge, and asks no model."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.cli import main
from cotkd.cli.checking import check_golds
from cotkd.questions import load_questions
from cotkd.types import Question
from cotkd.verify import verifier_of, verify
from cotkd.verify.perturb import other_answers


def _file(path: Path, answers: list[str], **more: object) -> Path:
    rows = [
        {"id": f"q{n}", "question": f"{n}?", "answer": a, **more} for n, a in enumerate(answers)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_a_set_that_suits_its_verifier_has_no_misjudged_row(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["check", "microgsm:test", "--questions.limit", "50"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("50 questions, 50 golds readable, numeric: 0 of ")
    assert out.count("\n") == 1


def test_unreadable_golds_and_misjudged_rows_are_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = _file(tmp_path / "set.jsonl", ["12", "a dozen or so", "3 and 4", "-7.5"])
    assert main(["check", str(source)]) == 0
    first, *rows = capsys.readouterr().out.splitlines()
    assert first.startswith("4 questions, ")
    assert any("q1" in row and "unreadable gold" in row for row in rows)
    assert not any("q0" in row or "q3" in row for row in rows)


@pytest.mark.parametrize(
    ("kind", "answers", "more"),
    [
        ("choice", ["A", "(B)", "a hat"], {"choices": ["a feather", "an anvil", "a hat"]}),
        ("boolean", ["yes", "No", "True", "false"], {}),
        ("text", ["valid", "invalid", "beth kenya"], {}),
        ("numeric", ["1,000", "3/4", "20%", "-5", "None", "( 84.0 / 2.0 )", "9.3e12"], {}),
    ],
)
def test_each_kind_tells_its_answers_from_others(
    kind: str, answers: list[str], more: dict[str, object], tmp_path: Path
) -> None:
    questions = load_questions(_file(tmp_path / "set.jsonl", answers, **more))
    checked = check_golds(questions, verifier_of(kind))
    assert not checked.unreadable
    assert not checked.misjudged
    assert checked.statements > 4 * len(answers)


def test_a_verifier_that_does_not_suit_is_shown_up() -> None:
    questions = [Question(id=str(n), text="?", answer=a) for n, a in enumerate(["7 a", "7 b"])]
    assert check_golds(questions, verifier_of("text")).misjudged == []
    assert check_golds(questions, verifier_of("boolean")).unreadable == [("0", "7 a"), ("1", "7 b")]


def test_a_judge_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "microgsm", "--verifier.kind", "judge"]) == 2
    assert "asks no model" in capsys.readouterr().err


def test_programs_are_refused_until_they_may_be_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "microgsm", "--verifier", "program"]) == 2
    said = capsys.readouterr().err
    assert "set --verifier.allow-execution true" in said
    assert said.count("\n") == 1


@given(st.one_of(st.integers(), st.decimals(-(10**9), 10**9, places=3), st.fractions()))
def test_every_perturbed_number_is_another_value(value: object) -> None:
    gold = str(value)
    found = other_answers(gold, "numeric")
    assert len({answer for _, answer in found}) == len(found) > 0
    assert {verify(answer, gold).status for _, answer in found} == {"wrong"}


def test_verify_warns_once_of_unreadable_golds(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [{"t": "#### 4", "g": gold} for gold in ("4", "many", "4", "few")]
    source = tmp_path / "in.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    flags = ["--text-field", "t", "--gold-field", "g", "--out", str(tmp_path / "out.jsonl")]
    assert main(["verify", str(source), *flags]) == 0
    (warning,) = [r.getMessage() for r in caplog.records if "cannot be read" in r.getMessage()]
    assert "2 of 4 gold answers cannot be read by the verifier numeric, the first" in warning
    assert "line 2" in warning
