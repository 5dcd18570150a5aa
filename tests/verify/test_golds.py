"""Gold answers that a verifier cannot read are counted, and a verifier that can is named."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from cotkd.cli import main
from cotkd.errors import DataError
from cotkd.types import Question
from cotkd.verify import verifier_of
from cotkd.verify.golds import by_id, unread_golds, warn_of_unread


def questions(*golds: str) -> list[Question]:
    return [Question(id=f"q{at}", text="?", answer=gold) for at, gold in enumerate(golds, 1)]


def test_readable_golds_are_no_matter() -> None:
    assert unread_golds(by_id(questions("4", "1,000", "3/4")), verifier_of("numeric")) is None
    assert unread_golds([], verifier_of("numeric")) is None


def test_count_first_place_and_readers_are_those_of_the_unread() -> None:
    found = unread_golds(by_id(questions("4", "yes", "no", "5")), verifier_of("numeric"))
    assert found is not None
    assert (found.count, found.total, found.place, found.gold) == (2, 4, "q2", "yes")
    assert found.verifier == "numeric"
    assert {"boolean", "text"} <= set(found.readers)
    assert not {"numeric", "judge", "program", "by_question", "lm_eval"} & set(found.readers)


def test_a_verifier_that_reads_all_of_them_goes_before_one_that_reads_the_first() -> None:
    found = unread_golds(by_id(questions("yes", "maybe")), verifier_of("numeric"))
    assert found is not None
    assert "boolean" not in found.readers


def test_of_sets_of_several_kinds_the_question_s_own_verifier_is_named() -> None:
    asked = questions("4", "many")
    asked = [q.model_copy(update={"meta": {"verifier": "numeric"}}) for q in asked]
    found = unread_golds(by_id(asked), verifier_of("by_question"))
    assert found is not None
    assert (found.count, found.verifier) == (1, "numeric")


def test_a_judge_is_asked_nothing() -> None:
    judge = verifier_of({"kind": "judge", "teacher": {"kind": "openai", "model": "none"}})
    assert unread_golds(by_id(questions("anything at all")), judge) is None


def test_the_line_stays_one_line_of_readable_length(caplog: pytest.LogCaptureFixture) -> None:
    asked = by_id(questions("4", "many\nlines " * 1000))
    with caplog.at_level(logging.WARNING):
        warn_of_unread(asked, verifier_of("boolean"), "set")
    (record,) = caplog.records
    assert record.getMessage().startswith("set: 2 of 2 gold answers cannot be read by")
    assert len(record.getMessage()) < 400
    assert "\n" not in record.getMessage()


def test_strict_raises_it() -> None:
    with pytest.raises(DataError, match="1 of 2 gold answers cannot be read"):
        warn_of_unread(by_id(questions("4", "many")), verifier_of("numeric"), "set", strict=True)


@pytest.fixture
def unread(tmp_path: Path) -> str:
    path = tmp_path / "golds.jsonl"
    rows = [{"id": "a", "question": "2+2?", "answer": "4"}, {"id": "b", "question": "Is it?"}]
    rows[1]["answer"] = "yes"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


COMMANDS = {
    "check": lambda file: ["check", file],
    "run, questions": lambda file: ["run", "fine_tune_cot", "--questions", file],
    "run, suites": lambda file: ["run", "fine_tune_cot", "--evaluation.suites", file],
    "run, dev": lambda file: ["run", "fine_tune_cot", "--evaluation.dev", file],
    "evaluate": lambda file: ["evaluate", "--student.model", "no-such", "--suites", file],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_that_scores_refuses_them_where_strict(
    name: str, unread: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    command = COMMANDS[name](unread)
    where = [] if name == "check" else ["--out", str(out)]
    assert main([*command, *where, "--strict"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    if name == "check":
        assert "1 gold answers cannot be read" in said
    else:
        assert "1 of 2 gold answers cannot be read by the verifier numeric, the first 'yes'" in said
    assert not out.exists()


@pytest.mark.parametrize("name", ["run, questions", "evaluate"])
def test_every_command_that_scores_names_them_otherwise(
    name: str, unread: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    command = [*COMMANDS[name](unread), "--student.model", "no-such-model"]
    assert main([*command, "--out", str(tmp_path / "out")]) == 2  # of the student alone
    assert "1 of 2 gold answers cannot be read by the verifier numeric" in caplog.text


def test_check_names_them_and_goes_on(unread: str, caplog: pytest.LogCaptureFixture) -> None:
    assert main(["check", unread]) == 0
    assert main(["check", "--strict", unread]) == 2
    assert "1 of 2 gold answers cannot be read by the verifier numeric" in caplog.text
