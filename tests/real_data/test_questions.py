"""GSM8K as released: every row loads, and the Socratic release agrees with the main one."""

import json
import math
from pathlib import Path

import pytest

from cotkd.questions import load_questions, read_files
from cotkd.questions.row import Fields
from cotkd.questions.subquestions import parse_pairs, write_pairs


@pytest.mark.parametrize(("split", "count", "commas"), [("train", 7473, 79), ("test", 1319, 14)])
def test_every_row_of_gsm8k_loads(real_data: Path, split: str, count: int, commas: int) -> None:
    questions = load_questions("gsm8k", split=split, path=real_data / "gsm8k")
    assert len(questions) == len({question.id for question in questions}) == count
    assert all(question.rationale and question.steps is None for question in questions)
    assert not any("#" in question.answer for question in questions)
    assert sum("," in question.answer for question in questions) == commas


def test_socratic_steps_joined_are_the_main_solutions(real_data: Path) -> None:
    main = load_questions("gsm8k:test", path=real_data / "gsm8k")
    socratic = load_questions("gsm8k-socratic:test", path=real_data / "gsm8k")
    assert len(socratic) == 1319
    for one, other in zip(main, socratic, strict=True):
        assert other.steps is not None
        assert "\n".join(step for _, step in other.steps) == other.rationale == one.rationale
        assert all(subquestion for subquestion, _ in other.steps)
        assert (other.text, other.answer) == (one.text, one.answer)


def test_a_file_loads_by_path_as_it_does_by_name(real_data: Path) -> None:
    file = real_data / "gsm8k" / "test.jsonl"
    by_name = load_questions("gsm8k:test", path=file)
    by_path = load_questions(file)
    assert [q.text for q in by_path] == [q.text for q in by_name]
    assert [q.answer for q in by_path] == [q.answer for q in by_name]


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("gsmhardv2", 1319),
        ("mawpsaddsub", 395),
        ("mawpsmultiarith", 600),
        ("mawpssingleeq", 508),
        ("mawpssingleop", 562),
    ],
)
def test_questions_with_other_field_names_load(real_data: Path, name: str, count: int) -> None:
    file = real_data / "pal" / f"{name}.jsonl"
    questions = read_files(file, fields=Fields("input", "target"))
    assert len(questions) == count
    assert all(map(math.isfinite, (float(question.answer) for question in questions)))


def test_every_socratic_solution_round_trips(real_data: Path) -> None:
    """Word for word, and the main edition's solution is its steps."""
    file = real_data / "gsm8k" / "test_socratic.jsonl"
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    main = load_questions("gsm8k:test", path=real_data / "gsm8k")
    assert len(lines) == len(main) == 1319
    for row, other in zip(lines, main, strict=True):
        solution, _, _ = row["answer"].rpartition("\n####")
        pairs = parse_pairs(solution, where=other.id)
        assert write_pairs(pairs) == solution
        assert len(pairs) == len((other.rationale or "").split("\n"))
        assert "\n".join(step for _, step in pairs) == other.rationale
