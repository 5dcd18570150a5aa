import shutil

import pytest

from cotkd.evaluation.results import Results
from cotkd.report.load import load_run
from cotkd.report.missing import missing
from cotkd.report.write import write_report
from tests.report.example_run import SUITES, add_evaluation, add_samples, make_run


@pytest.fixture
def run(tmp_path):
    return make_run(tmp_path, questions=4, n=6)


def test_a_whole_run_lacks_nothing(run):
    assert missing(load_run(run)) == []


@pytest.mark.parametrize(
    ("gone", "lacking"),
    [
        (["results.json"], ["results.json"]),
        (["results.json", "evaluation"], ["evaluation", "results.json"]),
        (
            ["results.json", "evaluation/baseline", "evaluation/teacher"],
            ["evaluation of the baseline", "evaluation of the teacher", "results.json"],
        ),
        (
            ["results.json", "evaluation", "rounds/000/baseline"],
            ["training of the baseline", "evaluation", "results.json"],
        ),
        (
            ["results.json", "evaluation", "rounds"],
            ["verdicts of the 16 samples", "training", "evaluation", "results.json"],
        ),
    ],
)
def test_what_a_run_has_not_come_to_is_said(run, gone, lacking):
    for name in gone:
        path = run / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert missing(load_run(run)) == lacking


def test_a_directory_of_samples_alone_was_never_to_have_students(tmp_path):
    add_samples(tmp_path, questions=2, samples=2)
    assert missing(load_run(tmp_path)) == []


def test_without_results_scores_come_from_the_predictions(run):
    known = Results.read(run)
    (run / "results.json").unlink()
    found = load_run(run)
    assert found.results.scores == known.scores
    assert {(row.a, row.b, row.suite, row.p_value) for row in found.results.comparisons} == {
        (row.a, row.b, row.suite, row.p_value) for row in known.comparisons
    }
    assert not found.whole


def test_a_suite_that_one_arm_has_not_answered_yet_is_no_comparison(tmp_path):
    add_evaluation(tmp_path, n=4)
    (tmp_path / "evaluation" / "baseline" / "microgsm.jsonl").unlink()
    pairs = {(row.b, row.suite) for row in load_run(tmp_path).results.comparisons}
    assert ("teacher", "microgsm") in pairs
    assert ("baseline", "microgsm") not in pairs


def test_suites_come_as_the_settings_name_them(run):
    (run / "results.json").unlink()
    assert list(load_run(run).results.scores["student"]) == list(SUITES)
    (run / "config.yaml").unlink()
    assert next(iter(load_run(run).results.scores["student"])) == "microgsm"


def test_a_run_that_has_not_ended_has_a_name_and_no_model_card(run):
    (run / "results.json").unlink()
    found = load_run(run)
    assert (found.title, found.results.method) == ("fine_tune_cot", "fine_tune_cot")
    assert found.results.models["teacher"].name == "microgsm-teacher"
    write_report(run)
    assert not (run / "MODEL_CARD.md").exists()
