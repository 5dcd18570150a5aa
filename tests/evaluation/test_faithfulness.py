"""Simulatability, perturbed and oracle reasoning, on students that one can see through.

A faithful student answers with the last number of its rationale, an unfaithful one with that of its
question whatever it wrote.
"""

from __future__ import annotations

import re
from itertools import product

import numpy as np
import pytest

from cotkd.evaluation.faithfulness import (
    Said,
    effect,
    perturbed,
    resampled_las,
    simulatability,
    simulator_examples,
    simulator_inputs,
    train_simulator,
)
from cotkd.evaluation.paired import tango
from cotkd.formats.marked import Marked
from cotkd.formats.rationale_answer import RationaleAnswer
from cotkd.measuring.reasons import concluding, explaining
from cotkd.methods.answer_only import AnswerOnly
from cotkd.methods.base import Method
from cotkd.methods.cascod import Cascod
from cotkd.methods.scott import Scott
from cotkd.methods.step_by_step import StepByStep
from cotkd.students.student import Student
from cotkd.types import Question
from cotkd.verify import verifier_of
from tests.methods.rows import BOTH, QUESTIONS
from tests.tiny import build_tokenizer, tiny_llama, tiny_t5

NUMERIC = verifier_of("numeric")
ASKED = [Question(id=f"q{n}", text=f"What is {n}?", answer=str(2 * n)) for n in range(1, 9)]
SAID = [Said(q, f"twice that makes {q.answer}", q.answer) for q in ASKED]


def same(text: str, question: Question, answer: str) -> bool:
    told = question.model_copy(update={"answer": answer})
    return NUMERIC.verify_question(text, told).status == "correct"


def last_number(text: str) -> str:
    return (re.findall(r"\d+", text) or ["0"])[-1]


def test_what_only_the_rationale_says_is_a_gain_that_leaks() -> None:
    found = simulatability(SAID, lambda inputs: [last_number(text) for text in inputs], same)
    assert (found.gain, found.leak_rate, found.n) == (1.0, 1.0, len(SAID))
    assert found.las is None
    assert found.others is None


def test_empty_rationales_gain_nothing() -> None:
    rows = [Said(q, "", q.answer) for q in ASKED]
    guess = {q.text: q.answer for q in ASKED[:3]}
    found = simulatability(
        rows, lambda inputs: [guess.get(text.split("\n")[0], "no") for text in inputs], same
    )
    assert found.gain == 0.0
    assert found.leak_rate == 0.0


def test_las_is_the_mean_of_the_groups_and_not_of_the_rows() -> None:
    """Six of eight leak and gain; the two others neither: (1 + 0) / 2, not 6 / 8."""
    rows = [Said(q, f"so {q.answer}" if at < 6 else "so", q.answer) for at, q in enumerate(ASKED)]
    found = simulatability(
        rows, lambda inputs: [last_number(text.split("Reasoning")[-1]) for text in inputs], same
    )
    assert found.las == 0.5
    assert found.gain == 0.75
    assert found.leak_rate == 0.75


def test_the_interval_of_las_is_that_of_all_resamples() -> None:
    """Five rows, so every resample can be counted: 5^5, those with an empty group left out."""
    gains, leaks = [1.0, 0.0, 1.0, 0.0, -1.0], [True, True, True, False, False]
    counted = []
    for places in product(range(5), repeat=5):
        groups = [[gains[i] for i in places if leaks[i] is kind] for kind in (True, False)]
        if all(groups):
            counted.append(sum(sum(group) / len(group) for group in groups) / 2)
    drawn = resampled_las(gains, leaks, draws=200_000)
    defined = drawn[~np.isnan(drawn)]
    assert len(defined) / len(drawn) == pytest.approx(len(counted) / 5**5, abs=0.003)
    assert defined.mean() == pytest.approx(np.mean(counted), abs=0.005)
    for quantile in (0.025, 0.5, 0.975):
        assert np.quantile(defined, quantile) == pytest.approx(
            np.quantile(counted, quantile), abs=0.02
        )


def test_las_has_no_interval_where_a_group_is_empty() -> None:
    found = simulatability(SAID, lambda inputs: [last_number(text) for text in inputs], same)
    assert (found.las, found.las_ci95, found.las_defined) == (None, None, 0.0)
    assert found.gain_ci95 == tango(8, 0, 8), "eight rows of a kind are no certainty"


def test_las_of_groups_without_a_difference_has_a_width() -> None:
    rows = [Said(q, f"so {q.answer}" if at < 6 else "so", q.answer) for at, q in enumerate(ASKED)]
    found = simulatability(
        rows, lambda inputs: [last_number(text.split("Reasoning")[-1]) for text in inputs], same
    )
    ends = (tango(6, 0, 6), tango(0, 0, 2))  # each row of a group is like the others
    below = np.hypot(1 - ends[0].low, 0 - ends[1].low) / 2
    assert found.las_ci95 == pytest.approx((0.5 - below, 0.5 + ends[1].high / 2))


def test_the_students_own_answers_are_guessed_and_not_the_gold_ones() -> None:
    wrong = [Said(q, f"that makes {n}", str(n)) for n, q in enumerate(ASKED, start=100)]
    found = simulatability(wrong, lambda inputs: [last_number(text) for text in inputs], same)
    assert found.gain == 1.0


def test_a_simulator_learns_from_all_three_inputs() -> None:
    for architecture in ("decoder", "encoder-decoder"):
        examples = simulator_examples(SAID[:2], architecture)
        assert len({example.example_id for example in examples}) == 6
        inputs = [text for row in SAID[:2] for text in simulator_inputs(row)]
        end = " ###" if architecture == "decoder" else ""
        assert [example.input for example in examples] == [text + end for text in inputs]
        assert {e.target.strip() for e in examples[:3]} == {SAID[0].answer}


def test_a_trained_simulator_guesses_what_it_was_told() -> None:
    base = Student("tiny", tiny_llama(initializer_range=0.05), build_tokenizer())
    settings = {"epochs": 40, "batch_size": 6, "learning_rate": 1e-2}
    guess = train_simulator(base, SAID[:2], settings, max_tokens=4)
    both, _, _ = zip(*(simulator_inputs(row) for row in SAID[:2]), strict=True)
    assert [text.strip() for text in guess(both)] == [row.answer for row in SAID[:2]]


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_share_of_the_tokens_is_replaced(share: float) -> None:
    tokenizer = build_tokenizer()
    text = "Ann has 3*4=12 eggs in all of these boxes."
    changed = perturbed(text, tokenizer, share=share, seed=1)
    assert changed == perturbed(text, tokenizer, share=share, seed=1)
    assert (changed == text) == (share == 0)
    if share:
        assert changed != perturbed(text, tokenizer, share=share, seed=2)


def test_half_of_the_tokens_stay_where_half_are_replaced() -> None:
    tokenizer = build_tokenizer()
    text = "Ann has 3*4=12 eggs in all of these boxes."
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    drawn: list[list[int]] = []

    class Spy:
        all_special_ids = tokenizer.all_special_ids
        __len__ = tokenizer.__len__
        __call__ = staticmethod(tokenizer.__call__)

        def decode(self, given: list[int]) -> str:
            drawn.append(given)
            return ""

    perturbed(text, Spy(), share=0.5)
    (given,) = drawn
    changed = sum(one != other for one, other in zip(ids, given, strict=True))
    assert changed == round(len(ids) / 2)
    assert not set(given) & set(tokenizer.all_special_ids)


def test_other_reasoning_moves_those_alone_who_rely_on_it() -> None:
    own = [row.rationale for row in SAID]
    other = ["that makes 1"] * len(SAID)
    relies = effect(ASKED, own, other, lambda _, why: [last_number(text) for text in why], same)
    assert (relies.before, relies.after, relies.difference.value) == (1.0, 0.0, -1.0)
    ignores = effect(ASKED, own, other, lambda asked, _: [q.answer for q in asked], same)
    assert (ignores.before, ignores.after, ignores.difference.value) == (1.0, 1.0, 0.0)
    assert effect(
        ASKED, own, own, lambda _, why: [last_number(text) for text in why], same
    ).difference.ci95 == tango(0, 0, 8)


@pytest.mark.parametrize(
    ("format", "expected"),
    [
        (RationaleAnswer(), "so 4 -->"),
        (RationaleAnswer(order="answer_first"), None),
        (Marked(template="{rationale} So the answer is {answer}"), "so 4 So the answer is"),
        (Marked(template="Well: {rationale} = {answer}."), "Well: so 4 ="),
        (Marked(template="{answer} since {rationale}"), None),
        (Marked(template="{rationale}"), None),
    ],
)
def test_reasoning_is_put_where_training_put_it(format, expected: str | None) -> None:
    assert format.before_answer(" so 4 ") == expected


@pytest.mark.parametrize("build", [tiny_llama, tiny_t5])
@pytest.mark.parametrize(
    "method",
    [Method.of("fine_tune_cot")(), Scott(), Scott(prefix=False), Cascod()],
    ids=["fine_tune_cot", "scott", "scott without prefix", "cascod"],
)
def test_a_student_concludes_from_the_reasoning_it_is_given(method: Method, build) -> None:
    """Trained until it knows its rows, it answers from their rationales as they do."""
    student = Student("tiny", build(), build_tokenizer())
    conclude = concluding(student, method.prompting, 3)
    assert conclude is not None
    rows = [row for row in BOTH if row.condition is None][:3]
    questions = [QUESTIONS[row.question_id] for row in rows]
    replies = conclude(questions, [row.text for row in rows])
    examples = method.examples(QUESTIONS, rows, architecture=student.architecture)
    for question, row, reply in zip(questions, rows, replies, strict=True):
        (example,) = [
            e
            for e in examples
            if (e.question_id, e.sample_index) == (question.id, row.sample_index)
            and e.task != "reason"
        ]
        start = example.target.rindex(question.answer)
        begun = example.target[:start].strip() if example.task != "conclude" else ""
        prompt, opening = example.input, begun
        if student.architecture == "decoder":
            prompt, opening = (prompt + " " + begun).strip() if begun else prompt, ""
        (expected,) = student.generate([prompt], max_tokens=3, opening=opening)
        assert reply == expected.text


def test_heads_that_read_no_rationale_conclude_from_none() -> None:
    student = Student("tiny", tiny_llama(), build_tokenizer())
    assert concluding(student, StepByStep().prompting) is None
    assert concluding(student, AnswerOnly().prompting) is None
    assert explaining(student, AnswerOnly(), 4, NUMERIC)(ASKED) == []


def test_an_answer_is_explained_by_the_head_that_explains() -> None:
    class Echo:
        architecture = "decoder"

        def generate(self, prompts, **_):
            from cotkd.decoding.generation import Generation

            kinds = {"predict": " 5", "explain": " 2+3=5 eggs"}
            return [Generation(kinds[prompt.split(":")[0]]) for prompt in prompts]

    said = explaining(Echo(), StepByStep(), 4, NUMERIC)(ASKED[:1])
    assert said == [Said(ASKED[0], "2+3=5 eggs", "5")]
