from cotkd.report.facts import facts, plain
from cotkd.report.load import load_run
from tests.report.example_run import make_run


def test_decoding_and_seed_stand_under_the_title(tmp_path):
    found = dict(facts(load_run(make_run(tmp_path, questions=2, n=2, seed=3))))
    assert found["samples"] == "4 per question, temperature 1, at most 160 tokens"
    assert found["answers"] == "greedy, at most 160 tokens"
    assert found["seed"] == "3"
    assert found["baseline"] == "answer_only"
    assert found["student"] == "microgsm-student, 641 k parameters"


def test_settings_are_written_plainly():
    assert plain(1.0) == "1"
    assert plain([1, "a"]) == "1, a"
    assert (plain(None), plain([])) == ("none", "none")
