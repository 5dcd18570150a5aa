import math
from itertools import combinations

import pytest

from cotkd.errors import DataError
from cotkd.evaluation.metrics import MajAtK, PassAtK
from cotkd.evaluation.sampled import read_samples, samples_file, score_samples
from cotkd.store.rows import write_rows
from cotkd.types import Prediction, Question
from tests.evaluation.rows import judge

ANSWERS = {"q0": ["1", "2", "1", "3"], "q1": ["2", "2", "1", ""], "q2": ["", "", "", ""]}


def rows(answers=ANSWERS, logprob=lambda text: None) -> list[Prediction]:
    return [
        Prediction(
            question_id=name,
            sample_index=index,
            text=text,
            verdict=judge(text, Question(id=name, text="?", answer="1")),
            suite="s",
            tokens=2,
            logprob=logprob(text),
        )
        for name, texts in answers.items()
        for index, text in enumerate(texts)
    ]


def test_figures_are_those_of_the_metrics():
    found = score_samples(rows(), temperature=0.7)
    texts, golds = list(ANSWERS.values()), ["1"] * 3
    assert (found.k, found.temperature, found.majority.n) == (4, 0.7, 3)
    maj = MajAtK().compute(predictions=texts, references=golds)
    assert (found.majority.accuracy, found.ties) == (maj["maj@all"], maj["ties"])
    chances = PassAtK().compute(predictions=texts, references=golds, k=(1, 2, 4))
    assert found.pass_at == {k: chances[f"pass@{k}"] for k in ("1", "2", "4")}
    shares = {(b.share, b.accuracy, b.n) for b in found.calibration.bins}
    assert shares == {(0.5, 0.5, 2)}  # of all four answers, and none of the question without any


def test_pass_at_k_is_over_all_subsets():
    found = score_samples(rows(), temperature=1.0).pass_at["2"]
    each = [
        any("1" in (one, other) for one, other in [pair])
        for texts in ANSWERS.values()
        for pair in combinations(texts, 2)
    ]
    assert found == pytest.approx(sum(each) / len(each))


def test_probable_answers_weigh_more():
    sure = rows(logprob=lambda text: 2 * math.log(0.9 if text == "1" else 0.2))
    found = score_samples(sure, temperature=1.0)
    assert found.majority.correct == 1
    assert found.weighted.correct == 2
    assert score_samples(rows(), temperature=1.0).weighted is None


def test_rows_may_come_in_any_order():
    assert score_samples(rows()[::-1], temperature=1.0) == score_samples(rows(), temperature=1.0)


def test_questions_with_fewer_answers_are_refused(tmp_path):
    with pytest.raises(DataError, match=r"as many answers to each question, got \[3, 4\]"):
        score_samples(rows()[1:], temperature=1.0)
    path = samples_file(tmp_path, "student", "s")
    write_rows(path, [*rows(), rows()[0]])
    with pytest.raises(DataError, match="answer 0 to question 'q0' is there twice"):
        read_samples(path)
    write_rows(path, rows())
    assert read_samples(path) == rows()
