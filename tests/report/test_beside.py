import shutil

import pytest

from cotkd.cli import main
from cotkd.errors import DataError
from cotkd.evaluation.compare import compare_predictions
from cotkd.evaluation.pool import pool
from cotkd.evaluation.results import Results
from cotkd.report.beside import beside
from cotkd.report.browse import browser_data
from cotkd.report.load import load_run
from cotkd.store.rows import read_rows, write_json, write_rows
from cotkd.types import Question
from tests.report.example_run import SUITES, add_samples, make_run


@pytest.fixture
def runs(tmp_path):
    return [
        make_run(tmp_path / name, questions=2, samples=2, n=20, seed=seed)
        for seed, name in enumerate(("one", "two"))
    ]


def test_the_other_student_is_an_arm_with_scores_and_paired_tests(runs):
    one, two = (load_run(path) for path in runs)
    found = beside(one, runs[1])
    assert found.results.scores["two"] == two.results.scores["student"]
    compared = [row for row in found.results.comparisons if row.b == "two"]
    assert [row.suite for row in compared] == list(SUITES)
    expected = compare_predictions(
        one.predictions["student"]["microgsm"],
        two.predictions["student"]["microgsm"],
        names=("student", "two"),
        suite="microgsm",
    )
    assert compared[0].model_copy(update={"p_holm": None}) == expected
    data = browser_data(found)
    assert data["arms"]["two"] == "fine_tune_cot, microgsm-student"
    answers = next(item["x"] for item in data["items"] if item["s"] == 1)
    assert [x["n"] for x in answers] == ["student", "baseline", "teacher", "two"]


def test_only_shared_questions_are_taken(runs):
    path = runs[1] / "evaluation" / "student" / "microgsm.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[5:12]))
    (runs[1] / "evaluation" / "student" / "microgsm-steps.jsonl").unlink()
    found = beside(load_run(runs[0]), runs[1])
    assert found.results.scores["two"]["microgsm"].n == 7
    assert "microgsm-steps" not in found.results.scores["two"]


def test_another_question_under_the_same_id_is_refused(runs):
    path = runs[1] / "evaluation" / "questions" / "microgsm.jsonl"
    rows = list(read_rows(path, Question))
    write_rows(path, [rows[0].model_copy(update={"text": "Another?"}), *rows[1:]])
    with pytest.raises(DataError, match=r"microgsm-test-00000.*not asked the same"):
        beside(load_run(runs[0]), runs[1])


def test_what_cannot_be_put_beside_is_one_line(runs, tmp_path):
    one = load_run(runs[0])
    add_samples(tmp_path / "samples", questions=1, samples=1)
    with pytest.raises(DataError, match="no answers of a student"):
        beside(one, tmp_path / "samples")
    write_json(tmp_path / "results.json", pool([Results.read(runs[0]), seeded(runs[1])]).dump())
    shutil.copytree(runs[0], tmp_path / "seed-0")
    with pytest.raises(DataError, match=r"pooled over seeds: give .*seed-0"):
        beside(one, tmp_path)
    for path in (runs[1] / "evaluation" / "student").glob("*.jsonl"):
        path.write_text(path.read_text().replace("-0", "-9"))
    with pytest.raises(DataError, match="share no question"):
        beside(one, runs[1])


def seeded(path) -> Results:
    return Results.read(path).model_copy(update={"seed": 1})


def test_the_command_writes_a_report_of_its_own(runs, capsys):
    assert main(["report", str(runs[0]), "--with", str(runs[1])]) == 0
    assert capsys.readouterr().out.strip() == str(runs[0] / "report-with-two.html")
    assert not (runs[0] / "report.html").exists()
    assert main(["report", str(runs[0]), "--whit", "x"]) == 2
    assert "--with" in capsys.readouterr().err
    assert main(["report", str(runs[0] / "nothing")]) == 2
    assert "is no directory" in capsys.readouterr().err
