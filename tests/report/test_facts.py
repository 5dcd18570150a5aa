from cotkd.evaluation.results import Results, SuiteScore
from cotkd.evaluation.run import proportion
from cotkd.report.facts import facts, further_figures, plain
from cotkd.report.load import load_run
from tests.report.example_run import make_run


def test_decoding_and_seed_stand_under_the_title(tmp_path):
    found = dict(facts(load_run(make_run(tmp_path, questions=2, n=2, seed=3))))
    assert found["samples"] == "4 per question, temperature 1, at most 160 tokens"
    assert found["answers"] == "greedy, at most 160 tokens"
    assert found["seed"] == "3"
    assert found["baseline"] == "answer_only"
    assert found["student"] == "microgsm-student, 641 k parameters"


def test_figures_beside_accuracy_keep_their_n():
    first = SuiteScore(**dict(proportion(3, 10)), metrics={"maj_at_k": 0.4, "tokens": 41.25})
    other = SuiteScore(**dict(proportion(1, 20)), metrics={"tokens": 1234.0})
    results = Results(scores={"student": {"in": first, "far": other}, "teacher": {"in": other}})
    student, teacher = further_figures(results)
    assert student.suites == (("in", "10"), ("far", "20"))
    assert student.rows == (("maj_at_k", ("0.400", "–")), ("tokens", ("41.2", "1,234.0")))
    assert teacher.suites == (("in", "20"),)
    assert further_figures(Results(scores={"student": {"in": scored()}})) == []


def scored() -> SuiteScore:
    return SuiteScore(**dict(proportion(1, 2)))


def test_settings_are_written_plainly():
    assert plain(1.0) == "1"
    assert plain([1, "a"]) == "1, a"
    assert (plain(None), plain([])) == ("none", "none")
