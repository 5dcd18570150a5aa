"""Asking a Socratic student from Python: dialogues, gold sub-questions, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from cotkd.errors import DataError
from cotkd.evaluation.run import Answer
from cotkd.measuring.answers import student_replies
from cotkd.methods.socratic import Socratic
from cotkd.methods.socratic_student import SocraticStudent
from cotkd.students.student import Student
from cotkd.training.settings import Training
from cotkd.training.trainer import train
from tests.asking.test_dialogue import pair
from tests.methods.rows import QUESTIONS, SOCRATIC
from tests.tiny import build_tokenizer, tiny_llama


@pytest.fixture(scope="module")
def taught() -> SocraticStudent:
    """One model for both tasks that has learnt its few questions by heart."""
    method = Socratic(scheme="shared", data="gold")
    student = Student("tiny", tiny_llama(seed=0), build_tokenizer())
    examples = method.examples(QUESTIONS, SOCRATIC, architecture="decoder")
    train(student, examples, Training(epochs=100, processed_tokens=None, learning_rate=1e-2))
    return SocraticStudent(student, method)


def test_a_student_that_has_learnt_its_questions_says_their_sub_questions_and_steps(
    taught: SocraticStudent,
) -> None:
    questions = list(QUESTIONS.values())
    for question, talk in zip(questions, taught.generate(questions, max_tokens=48), strict=True):
        assert talk.pairs == question.steps
        assert talk.answer == question.answer
        assert len(talk.replies) == 3
    assert [talk.pairs for talk in taught.generate(questions, max_tokens=48, oracle=True)] == [
        question.steps for question in questions
    ]


def test_an_evaluated_answer_keeps_its_turns_as_they_were_written(taught: SocraticStudent) -> None:
    questions = list(QUESTIONS.values())
    talks = taught.generate(questions, max_tokens=48)
    for talk, answer in zip(
        talks, student_replies(taught.student, taught.method.prompting, 48)(questions), strict=True
    ):
        assert isinstance(answer, Answer)
        assert answer.trace == tuple(talk.replies)
        assert answer.text == talk.text


def test_gold_sub_questions_are_needed_by_an_oracle(taught: SocraticStudent) -> None:
    assert len(taught.generate(["Ann has 3 boxes."], max_tokens=4)) == 1
    with pytest.raises(DataError, match="'0' cannot be asked with gold sub-questions"):
        taught.generate(["Ann has 3 boxes."], oracle=True)
    whole = SocraticStudent(taught.student, Socratic(scheme="unified"))
    with pytest.raises(DataError, match="scheme unified"):
        whole.generate(["Ann has 3 boxes."], oracle=True)


def test_a_single_model_is_no_pair(tmp_path: Path) -> None:
    pair().save(tmp_path / "pair")
    assert SocraticStudent.load(tmp_path / "pair").student.parts.keys() == {"solver", "decomposer"}
    with pytest.raises(DataError, match="a single model"):
        SocraticStudent.load(tmp_path / "pair" / "solver")
