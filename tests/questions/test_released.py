"""What holds for every set that is read row by row: where it is looked for, and bad rows."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cotkd.errors import DataError
from cotkd.questions import load_questions, released
from tests.questions.test_suites import CQA, MATH, PLUS, SVAMP, SYMBOLIC

STRATEGY = {"qid": "1", "question": "?", "answer": True}
NUMBERED = {"stem": "?", "choices": {"label": [1, 2], "text": ["fins", "wings"]}}


def _lines(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_the_hub_is_asked_with_the_names_it_uses(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def hub_rows(*place: str | None, file: str | None = None) -> Iterator[dict[str, Any]]:
        asked.append((*place, file))
        yield {**SYMBOLIC[0], **SVAMP[0], "input": "How many?", "target": 5.0}

    monkeypatch.delenv("COTKD_DATA", raising=False)
    monkeypatch.setattr(released, "hub_rows", hub_rows)
    for spec in ("gsm-symbolic:p1", "svamp:all", "gsm-hard", "singleop"):
        assert load_questions(spec)
    assert asked == [
        ("apple/GSM-Symbolic", "p1", "test", None),
        ("ChilleD/SVAMP", None, "train+test", None),
        ("reasoning-machines/gsm-hard", None, "train", None),
        ("HuggingFaceTB/math_tasks", None, "test", "data/mawps/singleop.jsonl"),
    ]


@pytest.mark.parametrize(
    ("name", "rows", "message"),
    [
        ("gsm-plus", [{**PLUS[0], "answer": None}], r"x\.jsonl:1: field 'answer': expected text"),
        ("gsm-plus", [{"question": "?"}], "field 'answer' is missing"),
        ("math500", [{**MATH, "answer": " "}], "field 'answer' is empty"),
        ("math500", [MATH, MATH], "id 'math500-test/prealgebra/12.json' occurs twice"),
        ("math500", [], "holds no question"),
        ("singleop", [{"input": "?", "target": None}], "field 'target': expected text, found None"),
        ("gsm-hard", [{"input": "?", "target": "many"}], "expected a number, found 'many'"),
        ("gsm-symbolic", [{**SYMBOLIC[0], "answer": "8"}], "a solution that ends in"),
        ("gsm-symbolic", [{**SYMBOLIC[0], "id": None}], "field 'id': expected a number"),
        ("commonsenseqa:train", [{**CQA, "answerKey": "F"}], "no option 'F'"),
        ("commonsenseqa:train", [{**CQA, "answerKey": ""}], "field 'answerKey' is empty"),
        ("aqua:test", [{"question": "?", "options": ["A)1", "B)2"], "correct": "D"}], "no option"),
        ("strategyqa:dev", [{"qid": "1", "question": "?", "answer": "maybe"}], "true or false"),
        ("strategyqa:dev", [{**STRATEGY, "decomposition": 3}], "'decomposition': expected a list"),
        ("commonsenseqa:train", [{**CQA, "question": NUMBERED}], "options A, B, …, found '12'"),
        (
            "asdiv",
            [{"body": "b", "question": "?", "solution_type": "t"}],
            "x.jsonl:1: .*'answer' is",
        ),
    ],
)
def test_a_row_without_a_usable_gold_is_one_clear_line(
    tmp_path: Path, name: str, rows: list[dict[str, Any]], message: str
) -> None:
    (tmp_path / "x.jsonl").write_text(_lines(*rows))
    with pytest.raises(DataError, match=message) as caught:
        load_questions(name, path=tmp_path / "x.jsonl")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1]", ":1: expected a JSON object, found list"),
        ("[{", "broken JSON"),
        ("3\n", "expected a JSON object"),
    ],
)
def test_a_file_of_another_kind_is_one_clear_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(DataError, match=message):
        load_questions("svamp:all", path=tmp_path / "x.json")


@pytest.mark.parametrize(
    ("release", "theirs", "message"),
    [
        ([{**SVAMP[0], "Body": None}], [{"input": "?"}], r"SVAMP\.json:1: field 'Body'"),
        (SVAMP, [{"input": "?"}, {"text": "?"}], r"svamp_train\.json:2: field 'input' is missing"),
    ],
)
def test_a_bad_row_of_a_split_told_by_its_words_is_one_clear_line(
    tmp_path: Path, release: Any, theirs: Any, message: str
) -> None:
    (tmp_path / "SVAMP.json").write_text(json.dumps(release))
    (tmp_path / "svamp_train.json").write_text(json.dumps(theirs))
    with pytest.raises(DataError, match=message):
        load_questions("svamp:test-200", path=tmp_path)
