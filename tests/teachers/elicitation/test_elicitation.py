"""Each way of asking sends exactly the strings that the literature and the embedded teacher use."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotkd.config import Config
from cotkd.errors import SettingError
from cotkd.questions.solution import split_solution
from cotkd.settings.flags import override, print_help
from cotkd.teachers.elicitation import (
    AnswerConditioned,
    Crop,
    Elicitation,
    FewShotCot,
    Plain,
    Socratic,
    ZeroShotCot,
)
from cotkd.teachers.elicitation.rationalization import Rationalization
from cotkd.teachers.elicitation.step_questions import StepQuestions
from cotkd.types import Question

QUESTION = Question(id="q", text="Ann has 3 boxes of 4 {eggs}. How many?", answer="12")
WORD = st.sampled_from(["Ann", "ann", "has", "3", "eggs", "{q}", "?"])
TEXT = st.lists(WORD, min_size=1, max_size=3).map(" ".join)


@pytest.mark.parametrize(
    ("elicitation", "prompt"),
    [
        (Plain(), "Q: Ann has 3 boxes of 4 {eggs}. How many?\nA:"),
        (ZeroShotCot(), "Q: Ann has 3 boxes of 4 {eggs}. How many?\nA: Let's think step by step."),
        (AnswerConditioned(), "Q: Ann has 3 boxes of 4 {eggs}. How many?\nA: The answer is 12."),
        (
            Socratic(),
            "Q: Ann has 3 boxes of 4 {eggs}. How many?\nA: Let's break it into sub-questions.",
        ),
    ],
)
def test_prompts_are_the_strings_that_the_embedded_teacher_knows(elicitation, prompt):
    assert elicitation.first(QUESTION) == prompt


def test_two_ways_of_asking_have_a_second_call():
    begin = {ZeroShotCot: "\nTherefore, the answer is", StepQuestions: StepQuestions().trigger}
    for kind in Elicitation.kinds().values():
        follow_up = kind().follow_up("prompt", " reasoning")
        assert follow_up == (f"prompt reasoning{begin[kind]}" if kind in begin else None)


def test_each_step_is_joined_with_the_question_that_it_answers():
    asking, steps = StepQuestions(), " 3*4=<<3*4=12>>12 eggs.\n12-5=<<12-5=7>>7 left.\n#### 7"
    joined = asking.join(steps, " How many eggs?\n2. How many are left? ** 7\n")
    assert joined == (
        "How many eggs? ** 3*4=<<3*4=12>>12 eggs.\n"
        "How many are left? ** 12-5=<<12-5=7>>7 left.\n#### 7"
    )
    assert len(split_solution(joined).steps or ()) == 2


@pytest.mark.parametrize("said", ["", "How many eggs?", "a?\nb?\nc?", "1. \nHow many?"])
def test_reasoning_whose_questions_do_not_match_its_steps_stays_without(said):
    steps = " 3*4=12 eggs.\n12-5=7 left.\n#### 7"
    assert StepQuestions().join(steps, said) == steps


def test_joined_calls_are_the_text_the_teacher_saw_and_wrote():
    asking = ZeroShotCot()
    prompt = asking.first(QUESTION)
    whole = asking.follow_up(prompt, " so 12") + " 12."
    assert prompt + asking.join(" so 12", " 12.") == whole


def test_a_condition_replaces_the_gold_answer():
    assert AnswerConditioned().first(QUESTION, condition="14").endswith("The answer is 14.")


@pytest.mark.parametrize("kind", Elicitation.kinds())
def test_settings_survive_a_round_trip_through_plain_values(kind):
    made = Elicitation.parse({"kind": kind, "stop": ["END"]})
    assert Elicitation.parse(made.dump()) == made


@pytest.mark.parametrize(
    "template", ["no gap", "{question} {question.id}", "{question!r}", "{question:>9}", "{", "{q}"]
)
def test_a_template_that_cannot_be_filled_is_refused(template):
    with pytest.raises(SettingError, match="template"):
        Plain.parse({"template": template})


def test_braces_of_a_template_can_be_escaped():
    assert Plain(template="{{{question}}}").first(QUESTION) == "{" + QUESTION.text + "}"


def pool_of(texts):
    return tuple(
        Question(
            id=f"p{i}",
            text=text,
            answer=str(i),
            rationale=f"because {i}",
            steps=((f"why {i}?", f"because {i}"),),
        )
        for i, text in enumerate(texts)
    )


@given(
    st.lists(TEXT, min_size=1, max_size=12),
    TEXT,
    st.integers(0, 5),
    st.integers(1, 4),
    st.booleans(),
    st.sampled_from([FewShotCot, Rationalization, Socratic]),
)
@settings(deadline=None)
def test_demonstrations_never_contain_the_query(texts, text, seed, shots, same_id, kind):
    query = Question(id="p0" if same_id else "query", text=text, answer="0")
    asking = kind(pool=pool_of(texts), seed=seed, shots=shots)
    others = [
        one
        for one in asking.pool
        if one.id != query.id and one.text.casefold() != query.text.casefold()
    ]
    if len(others) < shots:
        with pytest.raises(SettingError, match="too few for"):
            asking.first(query)
        return
    shown = asking.demonstrations(query)
    assert len(shown) == len({one.id for one in shown}) == shots
    assert all(one in others for one in shown)
    assert asking.first(query).count("\nA:") == shots + 1


def test_layout_of_a_few_shot_prompt():
    asking = FewShotCot(pool=pool_of(["one?", "two?"]), shots=2)
    first, second = asking.demonstrations(QUESTION)
    assert asking.first(QUESTION) == (
        f"Q: {first.text}\nA: {first.rationale}\n#### {first.answer}\n\n"
        f"Q: {second.text}\nA: {second.rationale}\n#### {second.answer}\n\n"
        f"Q: {QUESTION.text}\nA:"
    )


def test_the_seed_draws_the_demonstrations_and_nothing_else_does():
    pool = pool_of([f"text {i}" for i in range(30)])
    shown = [FewShotCot(pool=pool, seed=seed).demonstrations(QUESTION) for seed in (0, 0, 1)]
    assert shown[0] == shown[1] != shown[2]


def test_questions_that_are_not_among_the_demonstrations_all_see_the_same_ones():
    asking = FewShotCot(pool=pool_of([f"text {i}" for i in range(30)]))
    shown = asking.demonstrations(QUESTION)
    for one in asking.pool:
        assert (asking.demonstrations(one) == shown) == (one not in shown)


def test_unsolved_questions_are_no_demonstrations():
    unsolved = Question(id="u", text="unsolved?", answer="1")
    asking = FewShotCot(pool=(unsolved, *pool_of(["a", "b"])), shots=2)
    assert unsolved not in asking.demonstrations(QUESTION)


def test_demonstrations_can_come_from_a_file(tmp_path):
    path = tmp_path / "solved.jsonl"
    path.write_text('{"question": "2+3?", "answer": "2+3=5\\n#### 5"}\n')
    asking = FewShotCot(source=str(path), shots=1)
    assert asking.first(QUESTION).startswith("Q: 2+3?\nA: 2+3=5\n#### 5\n\nQ: Ann")


def test_rationalisation_states_each_answer_before_its_explanation():
    asking = Rationalization(pool=pool_of(["one?", "two?"]), shots=2)
    first, second = asking.demonstrations(QUESTION)
    shown = "".join(
        f"Q: {one.text}\nA: The answer is {one.answer}. {one.rationale}\n\n"
        for one in (first, second)
    )
    asked = f"Q: {QUESTION.text}\nA: The answer is "
    assert asking.first(QUESTION) == f"{shown}{asked}12."
    assert asking.first(QUESTION, condition="14") == f"{shown}{asked}14."
    assert asking.conditioned


def test_socratic_examples_are_lines_of_sub_questions_and_steps():
    steps = (("How many boxes?", "3 boxes"), ("How many eggs?", "3*4=<<3*4=12>>12"))
    example = Question(id="e", text="Eggs?", answer="12", rationale="x", steps=steps)
    unstepped = Question(id="u", text="Nothing?", answer="0", rationale="0")
    asking = Socratic(pool=(unstepped, example), shots=1)
    assert asking.first(QUESTION) == (
        "Q: Eggs?\nA: Let's break it into sub-questions.\nHow many boxes? ** 3 boxes\n"
        "How many eggs? ** 3*4=<<3*4=12>>12\n#### 12\n\n"
        f"Q: {QUESTION.text}\nA: Let's break it into sub-questions."
    )


def test_socratic_examples_are_read_as_they_are_written():
    (example,) = Socratic(shots=1).demonstrations(QUESTION)
    read = split_solution(f"{Socratic().solution(example)}\n#### {example.answer}")
    assert read == (example.answer, example.rationale, example.steps)


def test_no_examples_are_loaded_where_none_are_shown():
    assert Socratic(source="no/such/file.jsonl").first(QUESTION).startswith("Q: Ann")


def test_crop_reasons_first_and_backs_off_to_the_answer():
    pool = pool_of(["one?", "two?"])
    reasons, explains = FewShotCot(pool=pool, shots=2), Rationalization(pool=pool, shots=1)
    asking = Crop(attempt=reasons, backoff=explains)
    assert [stage.kind for stage in Crop().stages] == [stage.kind for stage in asking.stages]
    assert [stage.kind for stage in asking.stages] == ["few_shot_cot", "rationalization"]
    assert [stage.conditioned for stage in asking.stages] == [False, True]
    assert asking.first(QUESTION) == reasons.first(QUESTION)
    assert asking.first(QUESTION, condition="9") == explains.first(QUESTION, condition="9")


def test_stop_texts_of_crop_are_those_of_both_and_its_own():
    first, second = Crop(attempt=Plain(stop=("Q:",)), stop=("END",)).stages
    assert (first.stop, second.stop) == (("Q:", "END"), ("\n\nQ:", "END"))


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"attempt": "answer_conditioned"}, "attempt 'answer_conditioned' states the answer"),
        ({"backoff": "plain"}, "backoff 'plain' states no answer: choose rationalization"),
        ({"attempt": "crop"}, "attempt 'crop' backs off itself"),
        ({"backoff": {"shot": 3}}, "did you mean 'backoff.shots'"),
        ({"attempt": {"kind": "fewshot"}}, "did you mean 'few_shot_cot'"),
    ],
)
def test_steps_of_crop_that_make_no_sense_are_refused(values, why):
    with pytest.raises(SettingError, match=why):
        Crop.parse(values)


TEMPLATES = {
    "answer_conditioned": {"template": "{question} {answer}!"},
    "chat": {"template": "Solve {question}", "system": "Be brief."},
    "few_shot_cot": {"template": "{question}?", "demonstration": "{question}{rationale}{answer}"},
    "plain": {"template": "{question}?"},
    "rationalization": {"template": "{answer} {question}", "separator": "--"},
    "socratic": {"template": "{question}?", "demonstration": "{question}{rationale}{answer}"},
    "step_questions": {"template": "{question}?", "trigger": " Which?"},
    "zero_shot_cot": {"template": "{question}?", "answer_trigger": " So:"},
}


class Asked(Config):
    """A command's settings, and a method's."""

    elicitation: Elicitation = Plain()


class ByMethod(Config):
    method: Asked = Asked()


@pytest.mark.parametrize("kind", TEMPLATES)
def test_every_text_of_a_prompt_can_be_set_by_flag_and_by_file(kind, tmp_path):
    texts = TEMPLATES[kind]
    flags = [("elicitation.kind", kind)] + [(f"elicitation.{k}", v) for k, v in texts.items()]
    by_flag = override(Asked(), flags).elicitation
    assert {name: getattr(by_flag, name) for name in texts} == texts
    path = tmp_path / "settings.yaml"
    path.write_text(Asked(elicitation=by_flag).to_yaml())
    assert Asked.from_yaml(path).elicitation == by_flag
    by_method = override(ByMethod(), [(f"method.{name}", value) for name, value in flags])
    assert by_method.method.elicitation == by_flag


def test_both_steps_of_crop_are_set_by_flag():
    flags = [
        ("elicitation.kind", "crop"),
        ("elicitation.attempt.kind", "zero_shot_cot"),
        ("elicitation.attempt.template", "Why {question}"),
        ("elicitation.backoff.shots", "2"),
        ("elicitation.backoff.template", "{question}={answer}"),
    ]
    asking = override(Asked(), flags).elicitation
    assert asking == Crop(
        attempt=ZeroShotCot(template="Why {question}"),
        backoff=Rationalization(shots=2, template="{question}={answer}"),
    )
    again = override(Asked(elicitation=asking), [("elicitation.backoff.shots", "3")])
    assert again.elicitation.backoff.shots == 3


def test_help_shows_both_steps_of_crop(capsys):
    with pytest.raises(SystemExit):
        print_help(Asked(elicitation=Crop()), "sample", "")
    shown = capsys.readouterr().out
    assert "--elicitation.attempt.shots" in shown
    assert "--elicitation.backoff.template" in shown
