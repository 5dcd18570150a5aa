import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cotkd.errors import DataError
from cotkd.questions import gsm8k, load_questions

MAIN = {"question": "How many?", "answer": "He has 2+2=<<2+2=4>>4.\nTwice is 8.\n#### 8"}
SOCRATIC = {
    "question": "How many?",
    "answer": "How many has he? ** He has 2+2=<<2+2=4>>4.\nAnd twice? ** Twice is 8.\n#### 8",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, row in (("train", MAIN), ("test", MAIN), ("test_socratic", SOCRATIC)):
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(row) + "\n")
    return tmp_path


def test_a_local_copy_loads_by_split(folder: Path) -> None:
    (train,) = load_questions("gsm8k", path=folder)
    (test,) = load_questions("gsm8k:test", path=folder)
    assert (train.id, train.split, train.source) == ("gsm8k-train-00001", "train", "gsm8k")
    assert (test.id, test.split) == ("gsm8k-test-00001", "test")
    assert load_questions("gsm8k:test", path=folder / "test.jsonl") == [test]


def test_socratic_steps_joined_are_the_main_solution(folder: Path) -> None:
    (main,) = load_questions("gsm8k:test", path=folder)
    (socratic,) = load_questions("gsm8k-socratic:test", path=folder)
    assert socratic.rationale == main.rationale
    assert socratic.steps == (
        ("How many has he?", "He has 2+2=<<2+2=4>>4."),
        ("And twice?", "Twice is 8."),
    )


def test_a_copy_without_the_split_names_the_missing_file(folder: Path) -> None:
    with pytest.raises(DataError, match=r"cannot read .*train_socratic\.jsonl"):
        load_questions("gsm8k-socratic:train", path=folder)


@pytest.mark.parametrize(("name", "row"), [("gsm8k", MAIN), ("gsm8k-socratic", SOCRATIC)])
def test_the_hub_and_a_local_copy_give_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, row: dict[str, str]
) -> None:
    asked = []

    def hub_rows(*place: str) -> Iterator[dict[str, Any]]:
        asked.append(place)
        yield row

    monkeypatch.setattr(gsm8k, "hub_rows", hub_rows)
    assert load_questions(f"{name}:test") == load_questions(f"{name}:test", path=folder)
    assert asked == [("openai/gsm8k", "socratic" if "socratic" in name else "main", "test")]


def test_socratic_lines_that_do_not_split_are_reported_with_their_id(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bad = {**SOCRATIC, "answer": "How many? ** 4.\nTwice is 8.\n#### 8"}
    file = folder / "test_socratic.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in (SOCRATIC, bad)))
    first, second = load_questions("gsm8k-socratic:test", path=folder)
    assert first.steps
    assert second.steps is None
    assert "gsm8k-socratic-test-00002: no sub-question in line 2: 'Twice is 8.'" in caplog.text


def test_the_main_edition_is_no_socratic_one(folder: Path) -> None:
    with pytest.raises(DataError, match="none of 1 solutions has a sub-question before every step"):
        load_questions("gsm8k-socratic:test", path=folder / "test.jsonl")
