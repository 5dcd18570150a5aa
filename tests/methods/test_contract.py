"""What holds for every method, the ones of tomorrow included."""

import math
import re
from importlib.resources import files

import pytest

from cotkd.asking import Prompting
from cotkd.formats.tokenize import tokenize_examples
from cotkd.methods.base import Method
from cotkd.rationales.by_question import by_question, counterfactuals
from cotkd.settings.recipe import recipes
from cotkd.students.student import Student
from cotkd.training.settings import Training
from cotkd.training.trainer import train
from cotkd.types import Architecture, Example, Question
from cotkd.verify import verify
from tests.methods.references import reference
from tests.methods.rows import BOTH, COUNTERFACTUALS, QUESTIONS, RATIONALES, rationale, rows_for
from tests.tiny import build_tokenizer, tiny_bart, tiny_llama, tiny_t5

KINDS = sorted(Method.kinds())
WITH_ALPHA = [kind for kind in KINDS if "alpha" in Method.of(kind).model_fields]
ARCHITECTURES: tuple[Architecture, ...] = ("decoder", "encoder-decoder")
architectures = pytest.mark.parametrize("architecture", ARCHITECTURES)
BUILDERS = {"llama": tiny_llama, "t5": tiny_t5, "bart": tiny_bart}
students = pytest.mark.parametrize("build", BUILDERS.values(), ids=BUILDERS)


@pytest.fixture(params=KINDS)
def method(request: pytest.FixtureRequest) -> Method:
    return Method.of(request.param)()


def examples_of(method: Method, architecture: Architecture) -> list[Example]:
    return method.examples(QUESTIONS, rows_for(method.kind), architecture=architecture)


def exact(build) -> Student:
    """Return a student in double precision: rounding alone costs a tiny BART 5e-5 in single."""
    return Student("tiny", build(seed=0).double(), build_tokenizer())


def first_loss(method: Method, student: Student) -> float:
    """Return the loss of a method's examples."""
    return loss_of(examples_of(method, student.architecture), student)


def loss_of(examples: list[Example], student: Student) -> float:
    """Return the trainer's loss of all examples as one step, before it changes a weight."""
    settings = Training(batch_size=len(examples), epochs=1, log_every=1, precision="float32")
    return train(student, examples, settings).losses[0][1]


def test_settings_round_trip(method: Method) -> None:
    assert Method.parse(method.dump()) == method


def test_docstring_names_paper_loss_and_differences(method: Method) -> None:
    text = __import__(type(method).__module__, fromlist=["x"]).__doc__
    assert re.search(r"arXiv:\d{4}\.\d{5}", text)
    assert "Differs from the paper" in text
    assert re.search(r"^    L = ", text, re.MULTILINE)
    assert re.search(r"arXiv:\d{4}\.\d{5}", type(method).paper)


@architectures
def test_every_example_has_trained_tokens(method: Method, architecture: Architecture) -> None:
    examples = examples_of(method, architecture)
    tokenized = tokenize_examples(examples, build_tokenizer(), architecture=architecture)
    assert tokenized
    assert all(any(row.trained) for row in tokenized)
    assert len({example.example_id for example in examples}) == len(examples)


@architectures
def test_every_target_of_a_head_reads_back_as_the_gold_answer(
    method: Method, architecture: Architecture
) -> None:
    """A head asked as in training, answered as in training, is right; the prompts are the same."""
    examples = examples_of(method, architecture)
    for head, prompting in method.heads.items():
        dialogues = [
            (question, said)
            for question in QUESTIONS.values()
            for said in spoken(prompting, question, examples, architecture)
        ]
        assert dialogues, f"no example is asked as head {head}"
        for asked, said in dialogues:
            first = prompting.turn(asked, (), architecture)
            assert first is not None
            assert said[0].strip().startswith(first.opening)
            text = prompting.transcript(asked, said)
            assert verify(prompting.answer_part(text), asked.answer).status == "correct"


def spoken(
    prompting: Prompting,
    question: Question,
    examples: list[Example],
    architecture: Architecture,
) -> list[list[str]]:
    """Return each dialogue in which all turns are prompts of training, answered by its targets."""
    targets: dict[str, list[str]] = {}
    for example in examples:
        if example.question_id == question.id:
            targets.setdefault(example.input, []).append(example.target)
    done, going = [], [[]]
    while going:
        said = going.pop()
        turn = prompting.turn(question, said, architecture)
        if turn is None:
            done.append(said)
            continue
        going += [[*said, target] for target in dict.fromkeys(targets.get(turn.prompt, []))]
    return done


@architectures
def test_every_prompt_of_training_is_one_of_inference(
    method: Method, architecture: Architecture
) -> None:
    """But for counterfactual rows, which nobody is asked for."""
    examples = examples_of(method, architecture)
    asked = set()
    for question in QUESTIONS.values():
        for prompting in method.heads.values():
            for said in spoken(prompting, question, examples, architecture):
                turns = [prompting.turn(question, said[:n], architecture) for n in range(len(said))]
                asked |= {turn.prompt for turn in turns if turn is not None}
    assert {e.input for e in examples if e.task != "counterfactual"} <= asked


@students
def test_twenty_steps_lower_the_loss(method: Method, build) -> None:
    student = Student("tiny", build(seed=0), build_tokenizer())
    examples = examples_of(method, student.architecture)
    settings = Training(
        processed_tokens=None, epochs=20, batch_size=len(examples), log_every=1, learning_rate=3e-3
    )
    result = train(student, examples, settings)
    losses = [loss for _, loss in result.losses]
    assert result.steps == 20
    assert all(map(math.isfinite, losses))
    assert losses[-1] < 0.9 * losses[0]


@students
def test_the_loss_is_the_equation_of_the_paper(method: Method, build) -> None:
    student = exact(build)
    expected = reference(method.kind, student)
    plain = reference("fine_tune_cot", student)
    assert first_loss(method, student) == pytest.approx(expected, abs=1e-5)
    if method.kind != "fine_tune_cot":
        assert abs(expected - plain) > 1e-4


@students
@pytest.mark.parametrize("kind", WITH_ALPHA)
def test_alpha_weighs_the_task_that_the_equation_says(kind: str, build) -> None:
    student = exact(build)
    expected = reference(kind, student, alpha=0.3)
    assert abs(expected - reference(kind, student, alpha=0.7)) > 1e-3
    method = Method.parse({"kind": kind, "alpha": 0.3})
    assert first_loss(method, student) == pytest.approx(expected, abs=1e-5)


def test_rationales_to_a_wrong_answer_are_data_for_those_alone_that_ask_for_them() -> None:
    factual = [row for _, own in by_question(QUESTIONS, BOTH) for row in own]
    assert factual == RATIONALES
    other = [row for rows in counterfactuals(QUESTIONS, BOTH).values() for row in rows]
    assert other == COUNTERFACTUALS


def test_questions_without_rationales_are_left_out_in_question_order() -> None:
    rows = [rationale(3), rationale(1), rationale(3, 1)]
    grouped = [(q.id, [r.sample_index for r in own]) for q, own in by_question(QUESTIONS, rows)]
    assert grouped == [("q1", [0]), ("q3", [0, 1])]


def test_every_method_has_a_recipe_that_names_its_paper_and_command() -> None:
    """Each resolves with both students: see `tests/test_recipe.py`."""
    known = {recipe.name: recipe for recipe in recipes()}
    for kind in KINDS:
        assert known[kind].values["method"]["kind"] == kind
        assert known[kind].values["training"]["processed_tokens"]
        baseline = known[kind].values["baseline"]
        assert baseline is None if kind == "answer_only" else baseline["kind"] in KINDS
        text = (files("cotkd") / "recipes" / f"{kind}.yaml").read_text()
        assert f"cotkd run {kind}" in text
        assert Method.of(kind).paper.split("arXiv:")[1][:10] in text
