"""Each way of asking sends exactly the strings that the literature and the embedded teacher use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.errors import SettingError
from cotkd.teachers.elicitation import (
    AnswerConditioned,
    Elicitation,
    FewShotCot,
    Plain,
    Socratic,
    ZeroShotCot,
)
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


def test_only_zero_shot_cot_has_a_second_call():
    for kind in Elicitation.kinds().values():
        follow_up = kind().follow_up("prompt", " reasoning")
        expected = "prompt reasoning\nTherefore, the answer is" if kind is ZeroShotCot else None
        assert follow_up == expected


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
        Question(id=f"p{i}", text=text, answer=str(i), rationale=f"because {i}")
        for i, text in enumerate(texts)
    )


@given(
    st.lists(TEXT, min_size=1, max_size=12),
    TEXT,
    st.integers(0, 5),
    st.integers(1, 4),
    st.booleans(),
)
def test_demonstrations_never_contain_the_query(texts, text, seed, shots, same_id):
    query = Question(id="p0" if same_id else "query", text=text, answer="0")
    asking = FewShotCot(pool=pool_of(texts), seed=seed, shots=shots)
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
