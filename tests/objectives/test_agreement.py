"""Tokens that examples of a group predict alike: the same loss however a step is computed."""

from __future__ import annotations

import pytest

from cotkd.errors import DataError
from cotkd.formats.tokenize import tokenize_examples
from cotkd.methods.mcc_kd import MccKd
from cotkd.objectives import Agreement
from cotkd.students.student import Student
from cotkd.training.trainer import train
from tests.methods.rows import BOTH, QUESTIONS
from tests.tiny import build_tokenizer, tiny_llama, tiny_t5


def examples(architecture: str, **settings):
    return MccKd(**settings).examples(QUESTIONS, BOTH, architecture=architecture)


def pairs_of(rows) -> int:
    return Agreement().count(rows).total()


def loss(build, **settings) -> float:
    student = Student("tiny", build(seed=0).double(), build_tokenizer())
    made = examples(student.architecture, agreement_weight=3.0)
    shape = {"batch_size": len(made), "epochs": 1, "log_every": 1, "precision": "float32"}
    return train(student, made, shape | settings).losses[0][1]


@pytest.mark.parametrize("build", [tiny_llama, tiny_t5])
def test_accumulation_and_padding_do_not_change_the_loss(build) -> None:
    whole = loss(build, rows="bucketed")
    assert loss(build, accumulation=2) == pytest.approx(whole, abs=2e-6)
    assert loss(build, accumulation=8) == pytest.approx(whole, abs=2e-6)


def test_packing_does_not_change_the_loss() -> None:
    assert loss(tiny_llama, rows="packed") == pytest.approx(
        loss(tiny_llama, rows="bucketed"), abs=2e-6
    )


@pytest.mark.parametrize("architecture", ["decoder", "encoder-decoder"])
def test_the_answer_alone_is_compared(architecture: str) -> None:
    tokenizer = build_tokenizer()
    rows = tokenize_examples(examples(architecture), tokenizer, architecture=architecture)
    for row in rows:
        answer = tokenizer.decode([row.target[i] for i in row.agreement]).strip()
        assert answer == QUESTIONS[row.question].answer
    pairs = sum(len(row.agreement) for row in rows) // 2
    assert pairs_of(rows) == pairs > 0
    assert pairs_of(rows[::2]) == 0


def test_answers_of_other_tokens_are_refused() -> None:
    rows = tokenize_examples(examples("decoder"), build_tokenizer(), architecture="decoder")
    other = rows[1]._replace(agreement=rows[1].agreement[:1] * 2)
    with pytest.raises(DataError, match="other tokens"):
        pairs_of([rows[0], other])


def test_three_rationales_make_three_pairs() -> None:
    rows = tokenize_examples(examples("decoder"), build_tokenizer(), architecture="decoder")
    three = [rows[0], rows[1], rows[1]]
    assert pairs_of(three) == 3 * len(rows[0].agreement)
