"""`cotkd check` looks at the questions themselves, and can fail a script."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cotkd.cli import main
from cotkd.cli.soundness import findings
from cotkd.types import Question
from tests.students.test_signs import unigram
from tests.tiny import build_tokenizer, save, tiny_llama


def write(path: Path, *rows: dict[str, object]) -> str:
    path.write_text("".join(json.dumps({"id": f"q{n}"} | row) + "\n" for n, row in enumerate(rows)))
    return str(path)


TWICE = [
    {"question": "2+3 eggs?", "answer": "5"},
    {"question": "2+4 eggs?", "answer": "6"},
    {"question": "2+3 eggs?", "answer": "5"},
    {"question": "2+4 eggs?", "answer": "7"},
]


def test_questions_that_repeat_others_are_counted_and_the_first_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", write(tmp_path / "f.jsonl", *TWICE)]) == 0
    out = capsys.readouterr().out
    assert (
        "2 of 4 questions repeat another one, word for word, 1 of them with another gold answer"
        in out
    )
    assert "the first: q2 is q0" in out
    assert main(["check", write(tmp_path / "f.jsonl", *TWICE[:2])]) == 0
    assert "repeat" not in capsys.readouterr().out


def test_the_same_words_with_other_options_are_another_question() -> None:
    asked = [
        Question(id=str(n), text="Which?", answer="a", choices=("a", other))
        for n, other in enumerate("bcb")
    ]
    assert findings(asked[:2]) == []
    assert findings(asked)[0].startswith("1 of 3 questions repeat")


@pytest.mark.parametrize(
    ("rows", "student", "said"),
    [
        (TWICE, None, "2 of 4 questions repeat"),
        ([{"question": "2+3?", "answer": "five or six"}], None, "1 gold answers cannot be read"),
        ([{"question": "2 {eggs}?", "answer": "2"}], "unigram", "student unigram does not know"),
        (TWICE[:2], None, None),
        (TWICE[:2], "unigram", None),
        ([{"question": "2 {eggs}?", "answer": "2"}], "bytes", None),
    ],
)
def test_strict_makes_a_finding_an_error(
    rows: list[dict[str, object]],
    student: str | None,
    said: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, build in (("unigram", unigram), ("bytes", build_tokenizer)):
        if student == name:
            save(tmp_path / name, tiny_llama(), build())
    flags = [] if student is None else ["--student", student]
    command = ["check", write(tmp_path / "f.jsonl", *rows), *flags]
    assert main(command) == 0
    shown = capsys.readouterr()
    assert shown.err.replace("Writing model shards", "").count("is not sound") == 0
    assert main([*command, "--strict"]) == (0 if said is None else 2)
    error = capsys.readouterr().err
    if said is None:
        assert error == ""
        return
    assert error.count("\n") == 1
    assert said in error


def test_signs_of_solutions_and_options_count(tmp_path: Path) -> None:
    save(tmp_path / "m", tiny_llama(), unigram())
    asked = Question(id="q", text="2 eggs", answer="2", rationale="so {2}", choices=("2", "3 ~"))
    (line,) = findings([asked], student=str(tmp_path / "m"))
    assert "'{' (1), '}' (1), '~' (1)" in line or "'~' (1)" in line
    assert "'{' (1)" in line


def test_a_switch_takes_no_word_for_its_value(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--strict", write(tmp_path / "f.jsonl", *TWICE)]) == 2
    assert "is not sound" in capsys.readouterr().err


def test_a_student_that_is_not_there_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["check", write(tmp_path / "f.jsonl", *TWICE), "--student", "no-such-model"]
    assert main(command) == 2
    assert "no-such-model" in capsys.readouterr().err
