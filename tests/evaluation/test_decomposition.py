"""Figures of a decomposition: by hand, on dialogues that go wrong in each way."""

from __future__ import annotations

import sys

import pytest

from cotkd.evaluation.decomposition import asked, attribution, decomposition_metrics
from cotkd.evaluation.run import evaluate
from cotkd.types import Question
from cotkd.verify import verify

TWO = (("How many eggs?", "3*4=<<3*4=12>>12"), ("And left?", "12-5=<<12-5=7>>7"))
QUESTIONS = [
    Question(id="right", text="?", answer="7", steps=TWO),
    Question(id="sum", text="?", answer="7", steps=TWO),
    Question(id="short", text="?", answer="7", steps=TWO),
    Question(id="other", text="?", answer="7", steps=TWO),
    Question(id="three", text="?", answer="7", steps=(*TWO, ("So?", "7"))),
    Question(id="without", text="?", answer="7"),
]
ANSWERS = {
    "right": "How many eggs? ** 3*4=<<3*4=12>>12\nAnd left? ** 12-5=<<12-5=7>>7 --> 7",
    "sum": "How many eggs? ** 3*4=<<3*4=13>>13\nAnd left? ** 13-5=<<13-5=8>>8 --> 8",
    "short": "How many eggs? ** 3*4=<<3*4=12>>12 --> 12",
    "other": "How many eggs? ** 3+4=<<3+4=7>>7\nAnd left? ** 7-5=<<7-5=2>>2 --> 2",
    "three": "How many eggs? ** 3*4=<<3*4=12>>12\nAnd left? ** 12-5=<<12-5=7>>7\nSo? ** --> 7",
    "without": "7",
}


def test_every_figure_is_the_one_counted_by_hand() -> None:
    scores = evaluate(
        lambda questions: [ANSWERS[question.id] for question in questions],
        {"suite": QUESTIONS},
        verify=lambda text, question: verify(text, question.answer),
        metrics=decomposition_metrics(QUESTIONS),
    )
    found = dict(scores["suite"].metrics)
    assert 0.5 < found.pop("bleu") < 1
    assert found.pop("rouge_l") == pytest.approx((4 + 2 * 3 / (3 + 5)) / 5)
    assert found == {
        "same_number": 4 / 5,
        "accuracy_2_steps": 1 / 4,
        "questions_2_steps": 4,
        "accuracy_3_steps": 1.0,
        "questions_3_steps": 1,
        "wrong_arithmetic": 1 / 5,
        "wrong_decomposition": 1 / 5,
        "wrong_otherwise": 1 / 5,
    }


def test_questions_without_sub_questions_have_no_figures() -> None:
    assert decomposition_metrics([QUESTIONS[-1]]) == {}


def test_a_text_without_sub_questions_has_none() -> None:
    assert [len(asked(text)) for text in ("", "3*4=12", ANSWERS["three"])] == [0, 0, 3]
    assert asked(ANSWERS["sum"]) == ["How many eggs?", "And left?"]


def test_right_answers_are_attributed_to_nothing() -> None:
    from cotkd.types import Prediction, Verdict

    row = Prediction(question_id="q", text="", verdict=Verdict(status="correct"), suite="s")
    assert attribution(row, 2) is None


def test_what_is_told_has_no_figures_of_a_decomposition() -> None:
    told = set(decomposition_metrics(QUESTIONS, told=True))
    assert set(decomposition_metrics(QUESTIONS)) - told == {"same_number", "bleu", "rouge_l"}


def test_without_its_packages_the_other_figures_are_left(monkeypatch, caplog) -> None:
    for name in ("sacrebleu", "rouge_score", "rouge_score.rouge_scorer"):
        monkeypatch.setitem(sys.modules, name, None)
    found = decomposition_metrics(QUESTIONS)
    assert "same_number" in found
    assert "bleu" not in found
    assert "BLEU needs sacrebleu: pip install 'cotkd[overlap]'" in caplog.text
