import doctest
import importlib
import json
import os
import subprocess
import sys
from collections import Counter
from itertools import combinations

import evaluate
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotkd.errors import DataError
from cotkd.evaluation.metrics import (
    Accuracy,
    AccuracyBy,
    Latency,
    MajAtK,
    PassAtK,
    TokensPerAnswer,
    TruncatedRate,
    UnparsedRate,
    VoteCalibration,
)
from cotkd.evaluation.statistics import wilson

COMPARED = (Accuracy, AccuracyBy, UnparsedRate, PassAtK, MajAtK, VoteCalibration)
RECORDED = (TruncatedRate, TokensPerAnswer, Latency)
METRICS = COMPARED + RECORDED
TEXTS = ["3*4=12\n#### 12", "#### 13", "no idea", "The answer is 7."]
GOLDS = ["12", "12", "5", "7.0"]


def test_accuracy_counts_every_text_once():
    found = Accuracy().compute(predictions=TEXTS, references=GOLDS)
    assert found["n"] == found["correct"] + found["wrong"] + found["unparsed"] == 4
    assert (found["accuracy"], found["unparsed"]) == (0.5, 1)
    assert found["ci95"] == wilson(2, 4)


def test_a_wrong_answer_is_not_unparsed():
    found = UnparsedRate().compute(predictions=TEXTS, references=GOLDS)
    assert (found["unparsed"], found["unparsed_rate"]) == (1, 0.25)


def test_batches_add_up_to_the_whole():
    metric = Accuracy()
    for text, gold in zip(TEXTS, GOLDS, strict=True):
        metric.add_batch(predictions=[text], references=[gold])
    assert metric.compute() == Accuracy().compute(predictions=TEXTS, references=GOLDS)


def test_metrics_combine():
    both = evaluate.combine([Accuracy(), UnparsedRate()])
    found = both.compute(predictions=TEXTS, references=GOLDS)
    assert (found["accuracy"], found["unparsed_rate"]) == (0.5, 0.25)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.booleans(), min_size=3, max_size=7), st.integers(1, 3))
def test_pass_at_k_is_the_share_of_subsets_with_a_right_sample(right, k):
    texts = ["#### 1" if ok else "#### 2" for ok in right]
    subsets = list(combinations(right, k))
    expected = sum(map(any, subsets)) / len(subsets)
    found = PassAtK().compute(predictions=[texts], references=["1"], k=(k,))
    assert found[f"pass@{k}"] == pytest.approx(expected)


def test_majority_needs_votes_and_the_first_of_tied_answers_wins():
    samples = [
        ["#### 3", "#### 1", "#### 1"],
        ["#### 3", "#### 1", "nothing"],
        ["nothing", "#### 1", "silence"],
        ["nothing", "silence", "no"],
    ]
    found = MajAtK().compute(predictions=samples, references=["1"] * 4)
    assert (found["maj@all"], found["ties"], found["n"]) == (0.5, 1, 4)


def test_equal_numbers_vote_together_however_they_are_written():
    samples = [["#### 7", "#### 1,000", "#### 1000.0"]]
    assert MajAtK().compute(predictions=samples, references=["1000"])["maj@all"] == 1


def test_one_vote_is_accuracy():
    first = MajAtK().compute(predictions=[[text] for text in TEXTS], references=GOLDS, k=1)
    assert first["maj@1"] == Accuracy().compute(predictions=TEXTS, references=GOLDS)["accuracy"]


@pytest.mark.parametrize(
    ("metric", "k"), [(PassAtK, (3,)), (PassAtK, ()), (MajAtK, 3), (MajAtK, 0)]
)
def test_more_samples_than_there_are_cannot_be_asked_for(metric, k):
    with pytest.raises(DataError, match=r"1 <= k <= 2"):
        metric().compute(predictions=[["a", "b"]], references=["1"], k=k)


@pytest.mark.parametrize("metric", METRICS)
def test_a_metric_of_nothing_is_refused(metric):
    golds = {"references": []} if metric in COMPARED else {}
    with pytest.raises(DataError, match="no predictions"):
        metric().compute(predictions=[], **golds)


@pytest.mark.parametrize("metric", RECORDED)
def test_recorded_figures_are_compared_with_no_gold_answers(metric):
    with pytest.raises(DataError, match="no gold answers"):
        metric().compute(predictions=["1"], references=["1"])


def test_weights_decide_the_vote():
    texts, golds = [["#### 1", "#### 2", "#### 2"]], ["1"]
    plain = MajAtK().compute(predictions=texts, references=golds)
    assert plain["maj@all"] == 0
    even = MajAtK().compute(predictions=texts, references=golds, weights=[[0.5, 0.5, 0.5]])
    assert even == plain
    sure = MajAtK().compute(predictions=texts, references=golds, weights=[[0.9, 0.3, 0.3]])
    assert sure["maj@all"] == 1
    tied = MajAtK().compute(predictions=texts, references=golds, weights=[[0.3, 0.1, 0.2]])
    assert (tied["maj@all"], tied["ties"]) == (1, 1)
    with pytest.raises(DataError, match="one weight for every text"):
        MajAtK().compute(predictions=texts, references=golds, weights=[[1.0]])


def test_groups_may_overlap_and_each_has_its_interval():
    found = AccuracyBy().compute(
        predictions=TEXTS, references=GOLDS, groups=["+*", "+", ["+", "*"], ["*"]]
    )
    assert {group: (one["correct"], one["n"]) for group, one in found.items()} == {
        "+*": (1, 1),
        "+": (0, 2),
        "*": (1, 2),
    }
    assert found["*"]["ci95"] == wilson(1, 2)
    with pytest.raises(DataError, match="needs 4 groups"):
        AccuracyBy().compute(predictions=TEXTS, references=GOLDS, groups=["+"])
    by_steps = AccuracyBy().compute(predictions=TEXTS, references=GOLDS, groups=[2, 3, 2, 2])
    assert {steps: found["n"] for steps, found in by_steps.items()} == {2: 3, 3: 1}


def test_cut_texts_are_counted():
    ends = ["stop"] * 7 + ["length"] * 3
    found = TruncatedRate().compute(predictions=ends)
    assert (found["truncated"], found["n"], found["ci95"]) == (3, 10, wilson(3, 10))


def test_the_interval_of_the_length_holds_the_mean_of_other_answers():
    rng = np.random.default_rng(1)
    found = TokensPerAnswer().compute(predictions=rng.poisson(50, 400).tolist())
    assert found["ci95"][0] < 50 < found["ci95"][1]
    assert found["ci95"][1] - found["ci95"][0] == pytest.approx(4 * (50 / 400) ** 0.5, rel=0.1)
    assert found["total"] == pytest.approx(400 * found["tokens_per_answer"])


def test_latency_is_a_median_with_a_tail():
    found = Latency().compute(predictions=[0.1] * 18 + [2.0] * 2)
    assert found["latency"] == pytest.approx(0.1)
    assert found["p95"] == pytest.approx(2.0)
    assert found["mean"] == pytest.approx(0.29)


def test_a_confident_vote_that_is_wrong_is_miscalibrated():
    sure = [["#### 1"] * 4, ["#### 2"] * 4]
    assert VoteCalibration().compute(predictions=sure, references=["1", "2"])["ece"] == 0
    assert VoteCalibration().compute(predictions=sure, references=["1", "1"])["ece"] == 0.5
    assert VoteCalibration().compute(predictions=[["no idea"]], references=["1"])["ece"] is None


@pytest.mark.parametrize("metric", METRICS)
def test_a_metric_describes_itself(metric):
    info = metric().info
    assert info.description
    assert info.citation.startswith("@")
    assert "Args:" in info.inputs_description
    golds = {"references"} if metric in COMPARED else set()
    assert set(info.features) == {"predictions"} | golds


@pytest.mark.parametrize("metric", METRICS)
def test_the_documented_example_is_true(metric):
    module = importlib.import_module(metric.__module__)
    examples = doctest.DocTestParser().get_doctest(
        metric().info.inputs_description, vars(module).copy(), metric.__name__, None, 0
    )
    result = doctest.DocTestRunner().run(examples)
    assert Counter(result._asdict())["failed"] == 0
    assert result.attempted


def test_metrics_load_without_network_and_without_a_home(tmp_path):
    script = (
        "import socket, sys, json\n"
        "def refuse(*a, **k): raise AssertionError('network')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse\n"
        "from cotkd.evaluation.metrics import Accuracy\n"
        "print(json.dumps(Accuracy().compute(predictions=['#### 1'], references=['1'])))\n"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HF_")}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment | {"HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["accuracy"] == 1
