"""What the settings of single methods mean."""

from __future__ import annotations

import pytest
import torch

from cotkd.errors import SettingError
from cotkd.methods.answer_only import AnswerOnly
from cotkd.methods.base import Method
from cotkd.methods.fine_tune_cot import FineTuneCot
from cotkd.methods.mcc_kd import MccKd
from cotkd.methods.mt_cot import MtCot
from cotkd.methods.scott import Scott
from cotkd.methods.step_by_step import StepByStep
from cotkd.students.student import Student
from cotkd.types import Architecture, Example
from cotkd.verify import verify
from tests.methods.references import reference, two_teachers
from tests.methods.rows import (
    BOTH,
    COUNTERFACTUALS,
    QUESTIONS,
    RATIONALES,
    SECOND_TEACHER,
    rationale,
)
from tests.methods.test_contract import (
    WITH_ALPHA,
    exact,
    examples_of,
    first_loss,
    loss_of,
    students,
)
from tests.tiny import build_tokenizer, tiny_llama, tiny_t5
from tests.training.steps import Outcome, assert_same, outcome


def learner(build=tiny_llama) -> Student:
    return Student("tiny", build(seed=0), build_tokenizer())


@pytest.mark.parametrize("name", ["llama", "t5"])
@pytest.mark.parametrize("weight", [0.25, 1.0, 3.0])
def test_lambda_and_alpha_are_one_setting(weight: float, name: str) -> None:
    """The λ form is (1 + λ) times the α form with α = 1 / (1 + λ): each gradient, and the loss."""
    architecture = "decoder" if name == "llama" else "encoder-decoder"
    forms = StepByStep(rationale_weight=weight), StepByStep(alpha=1 / (1 + weight))
    by_lambda, by_alpha = (outcome(name, examples_of(form, architecture)) for form in forms)
    scaled = {key: (1 + weight) * of for key, of in by_alpha.gradients.items()}
    assert_same(by_lambda, Outcome((1 + weight) * by_alpha.loss, scaled), within=1e-6)
    alike = (direction(by_lambda) * direction(by_alpha)).sum().item()
    assert alike == pytest.approx(1, abs=1e-9)


def direction(of: Outcome) -> torch.Tensor:
    """Return all gradients as one vector of length one."""
    whole = torch.cat([gradient.flatten() for gradient in of.gradients.values()])
    return whole / whole.norm()


def test_step_by_step_keeps_every_rationale() -> None:
    """As in the paper also those to a wrong answer."""
    assert StepByStep().filters == ()
    assert StepByStep.parse({"kind": "step_by_step"}).filters == ()


def test_both_spellings_at_once_are_refused() -> None:
    with pytest.raises(SettingError, match="two spellings"):
        StepByStep.parse({"kind": "step_by_step", "alpha": 0.5, "rationale_weight": 1})


LEFT = {
    "mt_re": ("explain", "answer"),
    "mt_ra": ("explain", "answer"),
    "mt_cot": ("explain", "answer"),
    "step_by_step": ("explain", "predict"),
    "cascod": ("reason", "conclude"),
    "scott": ("factual", "counterfactual"),
}
"""The task that is left at α = 0, and the one at α = 1."""


@pytest.mark.parametrize("kind", WITH_ALPHA)
@pytest.mark.parametrize("alpha", [0, 1])
def test_at_the_ends_of_alpha_one_task_is_left(kind: str, alpha: int) -> None:
    """With the weight 1, so that the loss is that of the task alone."""
    examples = examples_of(Method.parse({"kind": kind, "alpha": alpha}), "decoder")
    assert {(example.task, example.weight) for example in examples} == {(LEFT[kind][alpha], 1.0)}


@pytest.mark.parametrize("build", [tiny_llama, tiny_t5])
def test_scott_without_counterfactual_loss_and_prefix_is_fine_tune_cot(build) -> None:
    plain = {"kind": "scott", "alpha": 0, "prefix": False, "template": "{rationale} --> {answer}"}
    expected = first_loss(FineTuneCot(), learner(build))
    assert first_loss(Scott.parse(plain), learner(build)) == pytest.approx(expected, abs=1e-6)


@students
def test_mcc_kd_without_agreement_is_fine_tune_cot(build) -> None:
    expected = first_loss(FineTuneCot(), exact(build))
    assert first_loss(MccKd(agreement_weight=0), exact(build)) == pytest.approx(expected, abs=1e-6)
    assert abs(first_loss(MccKd(agreement_weight=1), exact(build)) - expected) > 1e-4


@students
def test_the_agreement_of_mcc_kd_has_its_weight(build) -> None:
    expected = reference("mcc_kd", exact(build), weight=3)
    assert first_loss(MccKd(agreement_weight=3), exact(build)) == pytest.approx(expected, abs=1e-5)


def test_scott_without_prefix_is_asked_without_it() -> None:
    method, question = Scott(prefix=False), QUESTIONS["q1"]
    asked = method.prompting.turn(question, (), "decoder")
    assert asked == (f"{question.text} ###", "factual", "")
    asked = method.prompting.turn(question, (), "encoder-decoder")
    assert asked == (question.text, "factual", "")
    assert opening_of(Scott(), "encoder-decoder") == "[factual]"
    assert opening_of(Scott(), "decoder") == ""


def opening_of(method: Method, architecture: Architecture) -> str:
    turn = method.prompting.turn(QUESTIONS["q1"], (), architecture)
    assert turn is not None
    return turn.opening


def test_what_targets_begin_with_is_forced_whatever_the_method() -> None:
    """An opening of a format's settings was trained, and then left to the student to write."""
    begun = {"suffix": " Say:", "template": "{answer}", "opening": "Well,", "task": "answer"}
    method = MtCot.parse({"answer": {"kind": "marked", **begun}})
    assert opening_of(method, "encoder-decoder") == "Well,"
    assert opening_of(method, "decoder") == ""
    rows = [row for row in examples_of(method, "encoder-decoder") if row.task == "answer"]
    assert all(row.target.startswith("Well, ") for row in rows)


def test_the_opening_of_scott_is_the_first_tokens_of_its_targets() -> None:
    """What the decoder is made to begin with is, token by token, what it was trained to write."""
    tokenizer = build_tokenizer()
    opening = tokenizer(opening_of(Scott(), "encoder-decoder"), add_special_tokens=False)[
        "input_ids"
    ]
    for example in examples_of(Scott(), "encoder-decoder"):
        ids = tokenizer(example.target, add_special_tokens=False)["input_ids"]
        assert (ids[: len(opening)] == opening) == (example.task == "factual")


def test_counterfactual_rows_state_the_answer_that_the_teacher_was_told() -> None:
    rows = [e for e in examples_of(Scott(), "decoder") if e.task == "counterfactual"]
    assert [row.question_id for row in rows] == [row.question_id for row in COUNTERFACTUALS]
    for row, told in zip(rows, COUNTERFACTUALS, strict=True):
        ((start, stop),) = row.loss_spans or ()
        assert row.target[start:stop] == told.condition
        assert stop == len(row.target)


def test_scott_reads_the_last_number_where_no_answer_is_stated() -> None:
    """The original counts such an output as wrong."""
    read = Scott().prompting.answer_part("[factual] She has 3*3=9 eggs.")
    assert verify(read, "9").status == "correct"


def test_scott_tells_its_second_stream_wrong_answers() -> None:
    factual, counterfactual = Scott().streams
    assert (factual.name, counterfactual.name) == ("factual", "counterfactual")
    assert factual.told is None
    assert counterfactual.told is not None
    for question in QUESTIONS.values():
        assert counterfactual.told(question) != question.answer


def test_teacher_labels_are_what_the_teacher_answered() -> None:
    wrong = rationale(1, size=5)
    for labels, answer in (("gold", "3"), ("teacher", "5")):
        method = StepByStep.parse({"kind": "step_by_step", "labels": labels})
        rows = method.examples(QUESTIONS, [wrong], architecture="encoder-decoder")
        assert [row.target for row in rows] == [answer, wrong.text]


def test_rationales_of_several_teachers_are_a_task_each_beside_one_label() -> None:
    method = StepByStep(rationale_tasks="teacher", rationale_weight=0.5)
    rows = method.examples(QUESTIONS, RATIONALES + SECOND_TEACHER, architecture="decoder")
    tasks = [row.task for row in rows]
    assert set(tasks) == {"predict", "explain:t", "explain:u"}
    assert len({tasks.count(task) for task in tasks}) == 1
    both = StepByStep().examples(QUESTIONS, RATIONALES + SECOND_TEACHER, architecture="decoder")
    assert len(both) == 4 * len(RATIONALES)


@students
@pytest.mark.parametrize("weight", [0.3, 2.0])
def test_each_of_several_teachers_has_the_whole_weight(weight: float, build) -> None:
    """With more rationale tokens of the one than of the other, so that no common mean is it."""
    method = StepByStep(rationale_tasks="teacher", rationale_weight=weight)
    student = exact(build)
    expected = two_teachers(student, weight)  # before the trainer changes it
    rows = method.examples(
        QUESTIONS, RATIONALES + SECOND_TEACHER, architecture=student.architecture
    )
    assert loss_of(rows, student) == pytest.approx(expected, abs=1e-5)


def test_teachers_with_a_task_each_are_not_asked_for_the_label_that_they_share() -> None:
    """Their answers may contradict each other, and the first would be taken."""
    with pytest.raises(SettingError, match="give labels gold or rationale_tasks one"):
        StepByStep.parse({"labels": "teacher", "rationale_tasks": "teacher"})


def test_the_main_head_is_a_setting() -> None:
    assert list(MtCot().heads) == ["answer", "explain"]
    assert list(MtCot(main="explain").heads) == ["explain", "answer"]
    assert list(StepByStep(main="explain").heads) == ["explain", "predict"]


def test_markers_are_settings() -> None:
    method = MtCot.parse({"kind": "mt_cot", "answer": {"kind": "marked", "suffix": " Label:"}})
    assert method.prompting.prompt(QUESTIONS["q1"], "encoder-decoder").endswith(" Label:")


def ids(rows: list[Example]) -> list[str]:
    return sorted({row.question_id for row in rows})


def test_baselines_are_trained_on_all_questions_or_on_those_that_survived() -> None:
    solved = {
        name: question.model_copy(update={"rationale": f"In all {question.answer}."})
        for name, question in QUESTIONS.items()
    }
    for method in (AnswerOnly, FineTuneCot):
        kept, everything = (
            method(trained_on=on).examples(solved, BOTH, architecture="decoder")
            for on in ("kept", "all")
        )
        assert ids(kept) == ["q1", "q2", "q3", "q4"]
        assert ids(everything) == ["q1", "q2", "q3", "q4", "q5"]
        assert [row for row in everything if row.question_id != "q5"] == kept
