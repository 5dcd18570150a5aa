"""Every command that takes a file takes it in every format, compressed, piped, several at once."""

from __future__ import annotations

import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cotkd.cli import main
from cotkd.store.rows import read_rows
from cotkd.store.tables import place, tables_of
from cotkd.types import Completion, Rationale
from tests.store.tables.shapes import COMPRESSED, FORMATS, as_lines, written

ASKED = [
    {"id": f"q{n}", "question": f"What is {n} and 1?", "answer": str(n + 1)} for n in (1, 2, 3)
]
SAID = [
    {"id": f"q{n}", "text": f"{n}+1=<<{n}+1={n + k}>>{n + k}\n#### {n + k}", "gold": str(n + 1)}
    for n in (1, 2, 3)
    for k in (1, 2)
]
CONTAINERS = [*FORMATS, "jsonl.gz", "csv.zst", "parquet.gz"]


def bytes_of(form: str, rows: list[dict[str, Any]]) -> bytes:
    kind, _, way = form.rpartition(".")
    return COMPRESSED[way](FORMATS[kind](rows)) if way in COMPRESSED else FORMATS[form](rows)


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch) -> None:
    place._kept.cache_clear()
    stream = SimpleNamespace(buffer=io.BytesIO(as_lines(SAID)), isatty=lambda: False)
    monkeypatch.setattr("sys.stdin", stream)


VERIFY = ["--text-field", "text", "--gold-field", "gold"]


@pytest.mark.parametrize("form", CONTAINERS)
def test_verdicts_are_the_same_of_every_format(form: str, tmp_path: Path) -> None:
    source, out = written(tmp_path, f"x.{form}", bytes_of(form, SAID)), tmp_path / "out.jsonl"
    assert main(["verify", str(source), *VERIFY, "--out", str(out)]) == 0
    assert [row["status"] for row in lines_of(out)] == ["correct", "wrong"] * 3
    assert [row["id"] for row in lines_of(out)] == [row["id"] for row in SAID]


def test_verdicts_of_several_files_are_numbered_through(tmp_path: Path) -> None:
    rows = [{"text": row["text"], "gold": row["gold"]} for row in SAID]
    first = written(tmp_path, "a.jsonl", as_lines(rows[:2]))
    second = written(tmp_path, "b.csv", FORMATS["csv"](rows[2:]))
    out = tmp_path / "out"
    assert main(["verify", str(first), str(second), *VERIFY, "--out", str(out)]) == 0
    assert [row["id"] for row in lines_of(out)] == [1, 2, 3, 4, 5, 6]


def test_verdicts_of_what_is_piped_in(piped: None, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["verify", "-", *VERIFY, "--out", str(out)]) == 0
    assert [row["status"] for row in lines_of(out)] == ["correct", "wrong"] * 3


def test_fields_of_verify_may_be_list_elements(tmp_path: Path) -> None:
    row = {"messages": [{"content": "?"}, {"content": "#### 3"}], "reward": {"truths": ["3"]}}
    source, out = written(tmp_path, "x.jsonl", as_lines([row])), tmp_path / "out"
    fields = ["--text-field", "messages.-1.content", "--gold-field", "reward.truths.0"]
    assert main(["verify", str(source), *fields, "--out", str(out)]) == 0
    assert lines_of(out)[0]["status"] == "correct"


@pytest.mark.parametrize("form", CONTAINERS)
def test_filter_keeps_the_same_of_every_format(form: str, tmp_path: Path) -> None:
    said = [{"id": row["id"], "text": row["text"]} for row in SAID]
    asked = written(tmp_path, f"asked.{form}", bytes_of(form, ASKED))
    source = written(tmp_path, f"said.{form}", bytes_of(form, said))
    out = tmp_path / "kept"
    assert main(["filter", str(source), "--questions", str(asked), "--out", str(out)]) == 0
    kept = list(read_rows(out / "rounds" / "000" / "rationales.jsonl", Rationale))
    assert [(row.question_id, row.sample_index, row.verdict.status) for row in kept] == [
        (row["id"], n % 2, "wrong" if n % 2 else "correct") for n, row in enumerate(SAID)
    ]
    assert {row.teacher for row in kept} == {tables_of(source)[0].stem}


def test_a_row_that_filter_cannot_read_is_named_in_its_own_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = str(written(tmp_path, "asked.jsonl", as_lines(ASKED)))
    for name, data, where in (
        ("said.csv", b"id,text\nq1,a\nq2,\n", "said.csv:2"),
        ("said.json", b'[{"id": "q1", "text": "a"}, {"id": "q1", "text": 3}]', "said.json row 2"),
    ):
        source = str(written(tmp_path, name, data))
        assert main(["filter", source, "--questions", asked, "--out", str(tmp_path / "o")]) == 2
        error = capsys.readouterr().err
        assert f"{where}: text" in error
        assert error.count("\n") == 1


@pytest.mark.parametrize("form", CONTAINERS)
def test_replayed_texts_are_read_of_every_format(form: str, tmp_path: Path) -> None:
    source = written(tmp_path, f"said.{form}", bytes_of(form, SAID))
    asked = written(tmp_path, f"asked.{form}", bytes_of(form, ASKED))
    engine = ["--teacher.engine", "replay", "--teacher.model", str(source), "--n", "2"]
    out = tmp_path / "run"
    assert main(["sample", "--questions", str(asked), *engine, "--out", str(out)]) == 0
    (file,) = (out / "samples").glob("*.jsonl")
    found = {(row.question_id, row.sample_index): row.text for row in read_rows(file, Completion)}
    assert found == {(row["id"], n % 2): row["text"] for n, row in enumerate(SAID)}


def test_ids_that_a_table_with_gaps_made_floats_find_their_texts(tmp_path: Path) -> None:
    asked = written(tmp_path, "asked.csv", b"id,question,answer\n1.0,What?,2\n,And?,3\n")
    said = [{"id": 1, "text": "#### 2"}, {"id": "asked-00002", "text": "#### 3"}]
    source = written(tmp_path, "said.jsonl", as_lines(said))
    out = tmp_path / "kept"
    assert main(["filter", str(source), "--questions", str(asked), "--out", str(out)]) == 0
    kept = read_rows(out / "rounds" / "000" / "rationales.jsonl", Rationale)
    assert [(row.question_id, row.verdict.status) for row in kept] == [
        ("1", "correct"),
        ("asked-00002", "correct"),
    ]


def test_questions_given_twice_are_taken_both(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = str(written(tmp_path, "a.jsonl", as_lines(ASKED[:1])))
    second = str(written(tmp_path, "b.csv", FORMATS["csv"](ASKED[1:])))
    said = str(written(tmp_path, "said.jsonl", as_lines(SAID)))
    engine = ["--teacher.engine", "replay", "--teacher.model", said, "--n", "1"]
    both = ["--questions", first, "--questions", second]
    assert main(["sample", *both, *engine, "--out", str(tmp_path / "run")]) == 0
    assert "3 samples of 3 questions" in capsys.readouterr().out
    assert main(["check", first, second]) == 0
    assert "3 questions, 3 golds readable" in capsys.readouterr().out
    assert main(["sample", "--questions", first, second, *engine, "--out", "x"]) == 2
    assert "of several files each has its flag, a pattern its quotes" in capsys.readouterr().err


def test_training_files_of_any_format_are_looked_through(tmp_path: Path) -> None:
    from cotkd.evaluation.leak import trained_texts

    for form in CONTAINERS:
        path = written(tmp_path, f"t.{form}", bytes_of(form, ASKED))
        assert list(trained_texts([path])) == [text for row in ASKED for text in row.values()]
