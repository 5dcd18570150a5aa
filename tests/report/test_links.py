import dataclasses
from urllib.parse import parse_qs

import pytest

from cotkd.report.links import Links
from cotkd.report.load import load_run
from tests.report.example_run import add_samples, make_run


@pytest.fixture(scope="module")
def links(tmp_path_factory):
    return Links(load_run(make_run(tmp_path_factory.mktemp("run"), questions=8, n=4)))


def filters(address):
    name, _, query = address.partition("?")
    assert name == "#browse"
    return {key: value[0] for key, value in parse_qs(query).items()}


def test_numbers_lead_to_their_rows(links):
    assert filters(links.suite("microgsm-steps")) == {"in": "microgsm-steps"}
    assert filters(links.outcome("microgsm", "student", "baseline", "only-a")) == {
        "in": "microgsm",
        "a": "student",
        "b": "baseline",
        "how": "only-a",
    }
    assert filters(links.verdict("w")) == {"in": "Samples", "verdict": "w"}
    assert filters(links.drop("correct", "wrong answer")) == {
        "in": "Samples",
        "why": "correct: wrong answer",
    }


def test_what_is_not_in_the_page_is_not_linked(links, tmp_path):
    assert links.suite("gsm8k") is None
    assert links.outcome("microgsm", "student", "student:explain", "only-a") is None
    assert links.drop("correct", "a reason nobody gave") is None
    add_samples(tmp_path, questions=1, samples=1)
    (tmp_path / "rounds" / "000" / "rationales.jsonl").unlink()
    assert Links(load_run(tmp_path)).verdict("c") is None


def test_counts_over_seeds_do_not_lead_to_the_rows_of_one(tmp_path):
    run = load_run(make_run(tmp_path, questions=2, n=3))
    pooled = run.results.model_copy(update={"seeds": (0, 1)})
    links = Links(dataclasses.replace(run, results=pooled))
    assert links.outcome("microgsm", "student", "baseline", "only-a") is None
    assert links.suite("microgsm") is not None
