"""Nothing that overlaps with an evaluation suite is trained on, and the reason says with what."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cotkd.errors import SettingError
from cotkd.filters import select
from cotkd.filters.decontaminate import Decontaminate
from cotkd.questions.load import FileFields, load_questions
from tests.filters.rows import QUESTIONS, TEXTS, rationale


def _suite(path: Path, *texts: str) -> str:
    rows = ({"id": f"e{at}", "text": text, "answer": "1"} for at, text in enumerate(texts))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def test_the_reason_names_suite_and_question_and_is_counted_without_the_question(
    tmp_path: Path,
) -> None:
    suite = _suite(tmp_path / "exam.jsonl", "Something else.", QUESTIONS["q3"].text, TEXTS[-1])
    rows = [
        rationale("Twelve.", question="q1"),
        rationale(TEXTS[-1], question="q1", sample=1),
        rationale("Twelve.", question="q3"),
    ]
    found = select(rows, [Decontaminate(suites=(suite,))], questions=QUESTIONS)
    assert found.kept == rows[:1]
    assert [reason for _, reason in found.dropped.values()] == [
        f"rationale overlaps {suite}: e2",
        f"question overlaps {suite}: e1",
    ]
    assert set(found.funnel.dropped) == {
        f"rationale overlaps {suite}",
        f"question overlaps {suite}",
    }


def test_every_question_of_a_suite_overlaps_with_the_suite() -> None:
    questions = {question.id: question for question in load_questions("microgsm:test", limit=50)}
    rows = [rationale("", question=name) for name in questions]
    found = select(rows, [{"kind": "decontaminate", "suites": "microgsm"}], questions=questions)
    assert not found.kept
    assert set(found.funnel.dropped) == {"question overlaps microgsm"}


def test_a_group_of_suites_is_compared_with_as_a_whole() -> None:
    questions = {
        question.id: question
        for name in ("steps", "names")
        for question in load_questions(f"microgsm-{name}", limit=3)
    }
    rows = [rationale("", question=name) for name in questions]
    chosen = Decontaminate(suites=("microgsm-shifts[:3]",))
    found = select(rows, [chosen], questions=questions)
    assert not found.kept
    assert set(found.funnel.dropped) == {
        "question overlaps microgsm-names",
        "question overlaps microgsm-steps",
    }


def test_an_edited_file_is_read_again(tmp_path: Path) -> None:
    import os

    suite = _suite(tmp_path / "exam.jsonl", TEXTS[-1])
    row = rationale(TEXTS[-1])
    chosen = Decontaminate(suites=(suite,))
    assert chosen.drop([row], {})
    _suite(tmp_path / "exam.jsonl", "Something else.")
    os.utime(suite, (1, 1))
    assert not chosen.drop([row], {})


def test_no_suite_to_compare_with_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(SettingError, match="give suites"):
        select([rationale("")], ["decontaminate"])


def test_an_unknown_suite_is_an_error() -> None:
    with pytest.raises(SettingError, match="microgsm"):
        select([rationale("")], [Decontaminate(suites=("microgsn",))])


def test_files_with_other_fields_are_read_by_these(tmp_path: Path) -> None:
    path = tmp_path / "exam.csv"
    path.write_text(f'problem,target\n"{QUESTIONS["q3"].text}",1\n')
    fields = FileFields(question_field="problem", answer_field="target")
    chosen = Decontaminate(suites=(str(path),), files=fields)
    found = select([rationale("Twelve.", question="q3")], [chosen], questions=QUESTIONS)
    assert [reason for _, reason in found.dropped.values()] == [
        f"question overlaps {path}: exam-00001"
    ]
