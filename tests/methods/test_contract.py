"""What holds for every method, the ones of tomorrow included."""

import re

import pytest

from cotkd.formats.tokenize import tokenize_examples
from cotkd.methods.base import Method, by_question
from cotkd.students.load import Student
from cotkd.training.settings import Training
from cotkd.training.trainer import train
from cotkd.types import Architecture, Question, Rationale, Verdict
from cotkd.verify import verify
from tests.tiny import build_tokenizer, tiny_llama, tiny_t5

KINDS = sorted(Method.kinds())
ARCHITECTURES: tuple[Architecture, ...] = ("decoder", "encoder-decoder")


def question(number: int) -> Question:
    return Question(
        id=f"q{number}", text=f"Ann has {number} boxes of 3 eggs.", answer=str(3 * number)
    )


def rationale(number: int, sample: int = 0) -> Rationale:
    return Rationale(
        question_id=f"q{number}",
        stream="s",
        sample_index=sample,
        text=f"She has {number}*3=<<{number}*3={3 * number}>>{3 * number} eggs.",
        answer=str(3 * number),
        verdict=Verdict(status="correct", extracted=str(3 * number), expected=str(3 * number)),
        teacher="t",
        elicitation="plain",
    )


QUESTIONS = {f"q{number}": question(number) for number in range(1, 6)}
RATIONALES = [rationale(number, sample) for number in range(1, 5) for sample in range(2)]


@pytest.fixture(params=KINDS)
def method(request: pytest.FixtureRequest) -> Method:
    return Method.of(request.param)()


def test_settings_round_trip(method: Method) -> None:
    assert Method.parse(method.dump()) == method


def test_docstring_names_paper_loss_and_differences(method: Method) -> None:
    text = __import__(type(method).__module__, fromlist=["x"]).__doc__
    assert re.search(r"arXiv:\d{4}\.\d{5}", text)
    assert "Differs from the paper" in text
    assert re.search(r"^    L = ", text, re.MULTILINE)
    assert re.search(r"arXiv:\d{4}\.\d{5}", type(method).paper)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_example_has_trained_tokens_and_reads_back(
    method: Method, architecture: Architecture
) -> None:
    examples = method.examples(QUESTIONS, RATIONALES, architecture=architecture)
    assert examples
    tokenized = tokenize_examples(examples, build_tokenizer(), architecture=architecture)
    assert all(any(row.trained) for row in tokenized)
    for example in examples:
        gold = QUESTIONS[example.question_id]
        read = method.answer_format.answer_part(example.target)
        assert verify(read, gold.answer).status == "correct"


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_prompt_at_inference_is_the_input_of_training(
    method: Method, architecture: Architecture
) -> None:
    for example in method.examples(QUESTIONS, RATIONALES, architecture=architecture):
        assert method.prompt(QUESTIONS[example.question_id], architecture) == example.input


@pytest.mark.parametrize("build", [tiny_llama, tiny_t5], ids=["decoder", "encoder-decoder"])
def test_twenty_steps_lower_the_loss(method: Method, build) -> None:
    student = Student("tiny", build(seed=0), build_tokenizer())
    examples = method.examples(QUESTIONS, RATIONALES, architecture=student.architecture)
    settings = Training(
        processed_tokens=None, epochs=20, batch_size=len(examples), log_every=1, learning_rate=3e-3
    )
    result = train(student, examples, settings)
    losses = [loss for _, loss in result.losses]
    assert result.steps == 20
    assert losses[-1] < 0.9 * losses[0]


def test_questions_without_rationales_are_left_out_in_question_order() -> None:
    rows = [rationale(3), rationale(1), rationale(3, 1)]
    grouped = [(q.id, [r.sample_index for r in own]) for q, own in by_question(QUESTIONS, rows)]
    assert grouped == [("q1", [0]), ("q3", [0, 1])]
