"""Sampled answers, latency and faithfulness of a model that really reasons.

The embedded teacher stands in for a trained student: it is asked in the format it was trained on.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from cotkd.errors import DataError, SettingError
from cotkd.evaluation.results import SuiteScore
from cotkd.evaluation.sampled import read_samples, samples_file, score_samples
from cotkd.evaluation.settings import Faithfulness, Probes
from cotkd.measuring.probes import Prober
from cotkd.measuring.scores import measure_heads
from cotkd.measuring.settings import EvaluationConfig
from cotkd.measuring.suites import Suite, load_suite
from cotkd.methods.answer_only import AnswerOnly
from cotkd.methods.base import Method
from cotkd.methods.socratic import Socratic
from cotkd.students.load import load_student
from cotkd.students.student import Student
from tests.tiny import build_tokenizer, tiny_llama

REASONS = Method.parse(
    {
        "kind": "mt_cot",
        "main": "explain",
        "explain": {"prefix": "Q: ", "separator": "\nA:", "template": "{rationale}\n#### {answer}"},
    }
)
N = 5


@pytest.fixture(scope="module")
def teacher() -> Student:
    return load_student("microgsm-teacher")


@pytest.fixture(scope="module")
def suites() -> dict[str, Suite]:
    return dict([load_suite(f"microgsm[:{N}]"), load_suite("microgsm-steps[:2]")])


@pytest.fixture(scope="module")
def probed(teacher, suites, tmp_path_factory) -> tuple[dict[str, SuiteScore], Path, Prober]:
    out = tmp_path_factory.mktemp("run")
    faithfulness = Faithfulness(questions=N, simulator_tokens=2000)
    settings = Probes(samples=2, temperature=1.0, latency=2, faithfulness=faithfulness)
    prober = Prober(settings, base="microgsm-student", taught="microgsm:dev[:4]")
    scores = measure_heads(teacher, REASONS, suites, 96, out=out, probe=prober)
    return scores["student"], out, prober


def test_what_a_reasoner_answers_depends_on_its_reasoning(probed):
    found = next(iter(probed[0].values())).faithfulness
    assert found["early_0"].value < 0.5, "four steps cannot be guessed"
    assert found["early_area"].value > 0.5
    assert found["perturbed_changed"].value > 0.3
    assert found["swap_followed"].value > 0.5 > found["swap_kept"].value
    assert found["steps_valid"].value > 0.8
    assert {"las", "gain", "leak_rate"} <= set(found)
    for name, one in found.items():
        if one.value is not None:
            assert one.ci95.low - 1e-9 <= one.value <= one.ci95.high + 1e-9, name
            assert one.n > 0


def test_sampled_answers_are_kept_and_scored(probed, suites):
    scores, out, _ = probed
    for name, suite in suites.items():
        rows = read_samples(samples_file(out, "student", name))
        assert len(rows) == 2 * len(suite.questions)
        assert all(row.logprob is not None and row.tokens for row in rows)
        assert scores[name].sampled == score_samples(rows, temperature=1.0)
        assert len({row.text for row in rows}) > len(suite.questions), "seeds differ"


def test_the_first_suite_alone_is_timed_and_examined(probed):
    first, second = probed[0].values()
    assert first.latency.n == 2
    assert 0 < first.latency.median <= first.latency.p95
    assert (second.latency, second.faithfulness) == (None, {})
    assert first.truncated is not None
    assert first.metrics["tokens_per_answer"] > 10


def test_what_was_measured_is_not_measured_again(probed, teacher, suites):
    scores, out, prober = probed

    class Silent(Student):
        def generate(self, *_, **__):
            raise AssertionError("asked again")

    silent = Silent(teacher.name, teacher.model, teacher.tokenizer)
    again = measure_heads(silent, REASONS, suites, 96, out=out, probe=prober)
    assert again["student"] == scores


def test_seeds_of_samples_are_those_of_the_run(teacher, suites):
    first = next(iter(suites.values()))
    asked = {"s": Suite(first.questions[:2], first.verifier)}
    prober = Prober(Probes(samples=2, temperature=1.0), seed=3)
    one, other = (prober(teacher, REASONS, asked, max_tokens=24)["s"]["sampled"] for _ in "ab")
    assert one == other


def test_students_that_cannot_be_asked_so_are_refused_or_left_out(suites, caplog):
    student = Student("tiny", tiny_llama(), build_tokenizer())
    with pytest.raises(SettingError, match=r"asks its student in turns.*evaluation.samples to 0"):
        Prober(Probes(samples=2))(student, Socratic(), suites, max_tokens=4)
    with pytest.raises(DataError, match=r"faithfulness.suites: 'x' is not measured"):
        Prober(Probes(faithfulness=Faithfulness(suites=("x",))))(
            student, AnswerOnly(), suites, max_tokens=4
        )
    caplog.set_level("INFO", logger="cotkd")
    found = Prober(Probes(faithfulness=Faithfulness(questions=1)))(
        student, AnswerOnly(), suites, max_tokens=4
    )
    assert all(fields.get("faithfulness", {}) == {} for fields in found.values())
    assert "gives no reasons" in caplog.text


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("true", Faithfulness()),
        (True, Faithfulness()),
        ("false", None),
        (None, None),
        ({"questions": 7}, Faithfulness(questions=7)),
        ({"kind": "true", "questions": "7"}, Faithfulness(questions=7)),
    ],
)
def test_a_bare_flag_takes_the_defaults(given, expected):
    assert EvaluationConfig.parse({"faithfulness": given}).faithfulness == expected


def test_a_misspelt_setting_is_named():
    with pytest.raises(SettingError, match="question"):
        EvaluationConfig.parse({"faithfulness": {"question": 7}})
