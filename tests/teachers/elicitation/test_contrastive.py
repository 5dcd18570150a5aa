"""Which two prompts a contrastive request holds, and which wrong answer is explained."""

from __future__ import annotations

import pytest

from cotkd.decoding.sampling import Sampling
from cotkd.errors import DataError, SettingError
from cotkd.questions.wrong import wrong_answer
from cotkd.teachers.elicitation import Contrastive, Elicitation
from cotkd.teachers.elicitation.counterfactual import Counterfactual
from cotkd.teachers.sample import sample
from cotkd.teachers.scripted import ScriptedTeacher
from cotkd.teachers.transformers import TransformersTeacher
from cotkd.types import Question
from tests.tiny import build_tokenizer, save, tiny_llama

EGGS = Question(id="eggs", text="Ann has 3 boxes of 4 eggs. How many?", answer="12")
HEAVY = Question(id="heavy", text="Heavier?", answer="B", choices=("a feather", "an anvil"))
SCRIPTED = ScriptedTeacher(answer=lambda request: "Because.")
COLOUR = Question(id="colour", text="The sky?", answer="blue")


def answers(asking, question, **given):
    request = asking.request(question, seed=1, sample_index=3, **given)
    start = f"Q: {question.text}\nA: The answer is "
    prompts = (request.prompt, request.contrast.prompt)
    assert all(prompt.startswith(start) and prompt.endswith(".") for prompt in prompts)
    assert (request.seed, request.question, request.sample_index) == (1, question, 3)
    return tuple(prompt[len(start) : -1] for prompt in prompts)


@pytest.mark.parametrize(
    ("against", "question", "pair"),
    [
        ("empty", EGGS, ("12", "")),
        ("number", EGGS, ("12", wrong_answer(EGGS, "number"))),
        ("other", EGGS, ("12", wrong_answer(EGGS, "number"))),
        ("choice", HEAVY, ("B", "A")),
        ("other", HEAVY, ("B", "A")),
    ],
)
def test_the_contrast_is_the_same_prompt_with_a_wrong_answer(against, question, pair):
    assert answers(Contrastive(against=against), question) == pair


def test_a_wrong_answer_of_another_sample_is_used_where_there_is_one():
    asking = Contrastive(against="sample")
    wrong = {"eggs": "7"}
    assert answers(asking, EGGS, wrong=wrong) == ("12", "7")
    assert answers(asking, HEAVY, wrong=wrong) == ("B", "A")
    assert answers(asking, COLOUR, wrong=wrong) == ("blue", "")
    with pytest.raises(SettingError, match="against: sample"):
        asking.request(EGGS, seed=1)


def test_a_wrong_answer_is_contrasted_with_the_right_one():
    for against in ("other", "number", "sample"):
        assert answers(Contrastive(against=against), EGGS, condition="14") == ("14", "12")
    assert answers(Contrastive(against="empty"), EGGS, condition="14") == ("14", "")


def test_strength_and_weight_are_two_spellings_of_one_setting():
    assert Contrastive().contrast_strength == 0.5
    assert Contrastive(strength=0.0).contrast_strength == 0
    assert Contrastive(weight=0.5).contrast_strength == 1
    assert Contrastive(weight=1 / 3).contrast_strength == pytest.approx(0.5)
    contrast = Contrastive(weight=0.5, plausibility=0.1).request(EGGS, seed=0).contrast
    assert (contrast.strength, contrast.plausibility) == (1, 0.1)
    with pytest.raises(SettingError, match="give one of them"):
        Elicitation.parse({"kind": "contrastive", "strength": 0.5, "weight": 0.5})


@pytest.mark.parametrize(
    "settings", [{"strength": -1}, {"weight": 1.0}, {"plausibility": 1.1}, {"against": "all"}]
)
def test_settings_out_of_range_are_refused(settings):
    with pytest.raises(SettingError, match=next(iter(settings))):
        Elicitation.parse({"kind": "contrastive", **settings})


def test_a_question_without_such_a_wrong_answer_is_named():
    with pytest.raises(DataError, match="'colour'"):
        Contrastive().request(COLOUR, seed=0)


def test_a_counterfactual_row_notes_the_wrong_answer_that_it_explains():
    asking = Counterfactual(seed=4)
    (row,) = sample([EGGS], SCRIPTED, n=1, elicitation=asking)
    assert row.condition == wrong_answer(EGGS, seed=4) != EGGS.answer
    assert asking.first(EGGS).endswith(f"The answer is {row.condition}.")


def test_an_engine_that_cannot_contrast_is_refused_by_name():
    with pytest.raises(SettingError, match="cannot decode contrastively"):
        sample([EGGS], SCRIPTED, n=1, elicitation="contrastive")


def test_sampled_rows_are_contrastive_and_note_the_answer(tmp_path):
    folder = save(tmp_path / "model", tiny_llama(seed=2), build_tokenizer())
    teacher = TransformersTeacher(model=str(folder))
    sampling = Sampling(max_tokens=12)

    def texts(asking):
        return [row.text for row in sample([EGGS], teacher, elicitation=asking, sampling=sampling)]

    plain = texts("answer_conditioned")
    assert texts(Contrastive(strength=0)) == plain
    assert texts(Contrastive(strength=3)) != plain
    (row,) = sample([EGGS], teacher, n=1, elicitation=Contrastive(), sampling=sampling)
    assert (row.condition, row.elicitation) == ("12", "contrastive")
