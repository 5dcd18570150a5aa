"""Socratic CoT: what the solver reads, how a dialogue goes on and ends, and what is refused."""

from __future__ import annotations

import pytest

from cotkd.asking import Prompting
from cotkd.errors import DataError, SettingError
from cotkd.methods.fine_tune_cot import FineTuneCot
from cotkd.methods.socratic import Socratic
from cotkd.methods.socratic_dialogue import step_of, subquestions_of
from cotkd.types import Question
from tests.methods.rows import QUESTIONS, RATIONALES, SOCRATIC

ASKED = Question(id="q", text="Ann has 3 boxes of 4 eggs.", answer="12")


@pytest.mark.parametrize("architecture", ["decoder", "encoder-decoder"])
def test_a_single_sub_question_that_is_the_question_is_fine_tune_cot(architecture) -> None:
    """Both are trained on and asked for the same."""
    asked = {key: q.model_copy(update={"steps": None}) for key, q in QUESTIONS.items()}
    single = [
        row.model_copy(update={"text": f"{asked[row.question_id].text} ** {row.text}"})
        for row in RATIONALES
    ]
    rows = Socratic().examples(asked, single, architecture=architecture)
    plain = FineTuneCot().examples(asked, RATIONALES, architecture=architecture)
    solved = [(e.input, e.target) for e in rows if e.task == "solve"]
    assert solved == [(e.input, e.target) for e in plain]
    for question in asked.values():
        turn = Socratic().prompting.turn(question, [question.text], architecture)
        assert turn is not None
        assert turn.prompt == FineTuneCot().prompting.prompt(question, architecture)


def test_a_prompt_begins_with_the_one_before_and_its_reply() -> None:
    said = ["How many boxes?\nHow many eggs?", " Ann has 3 boxes.", " 3*4=12 eggs. --> 12"]
    first, second = (Socratic().prompting.turn(ASKED, said[:n], "decoder") for n in (1, 2))
    assert first is not None
    assert second is not None
    assert second.prompt == first.prompt + said[1] + "\nHow many eggs? **"
    assert Socratic().prompting.turn(ASKED, said, "decoder") is None
    assert Socratic().prompting.transcript(ASKED, said) == (
        "How many boxes? ** Ann has 3 boxes.\nHow many eggs? ** 3*4=12 eggs. --> 12"
    )


def test_an_empty_decomposition_is_the_question_itself() -> None:
    turn = Socratic().prompting.turn(ASKED, [" \n "], "decoder")
    assert turn is not None
    assert turn.prompt == "Ann has 3 boxes of 4 eggs. ###"


def test_an_endless_decomposition_is_cut() -> None:
    method, said = Socratic(most=3), ["\n".join(f"How many {n}?" for n in range(500))]
    while (turn := method.prompting.turn(ASKED, said, "decoder")) is not None:
        assert turn.task == "solve"
        said.append("One.")
    assert len(said) == 1 + 3


def test_a_decomposition_without_line_breaks_is_cut_after_question_marks() -> None:
    assert subquestions_of(" How many? And left? ") == ("How many?", "And left?")
    assert subquestions_of("Why? How many?\nAnd left?") == ("Why? How many?", "And left?")


def test_a_step_is_one_line_without_an_answer() -> None:
    assert step_of(" 3*4=12\n eggs. --> 12") == "3*4=12 eggs."


def test_an_oracle_is_told_the_gold_sub_questions_and_asked_only_where_there_are_some() -> None:
    method, question = Socratic(), QUESTIONS["q2"]
    turn = method.heads["oracle"].turn(question, [], "decoder")
    assert turn is not None
    assert turn.prompt == f"{question.text}\nHow many boxes does Ann have? **"
    assert turn.task == "solve"
    assert method.heads["oracle"].asks(question)
    assert not method.heads["oracle"].asks(ASKED)
    assert method.prompting.asks(ASKED)


@pytest.mark.parametrize(
    ("guidance", "expected"), [("steps", "2"), ("equations", "2*3"), ("operators", "*")]
)
def test_guidance_is_predicted_before_and_gold_in_its_own_row(guidance: str, expected: str) -> None:
    method = Socratic.parse({"kind": "socratic", "guidance": guidance})
    question = QUESTIONS["q2"]
    examples = method.examples(QUESTIONS, SOCRATIC, architecture="decoder")
    first = next(e for e in examples if e.task == "guide" and e.question_id == "q2")
    assert first.target == f" {expected}"
    asked = method.prompting.turn(question, [], "decoder")
    assert asked is not None
    assert (asked.prompt, asked.task) == (first.input, "guide")
    prompts = {
        turn.prompt
        for turn in (
            method.prompting.turn(question, [f" {expected} "], "decoder"),
            method.heads["guided"].turn(question, [], "decoder"),
        )
        if turn is not None
    }
    assert prompts == {f"{question.text}\nFacts: {expected}\n[subquestions]"}
    assert prompts <= {e.input for e in examples if e.task == "decompose"}


def test_rationales_without_sub_questions_are_one_line() -> None:
    with pytest.raises(DataError, match=r"none of 8 rationales has a .*q1: no sub-q"):
        Socratic().examples(QUESTIONS, RATIONALES, architecture="decoder")


def test_gold_pairs_are_those_of_the_questions() -> None:
    method = Socratic(data="gold")
    rows = method.examples(QUESTIONS, [], architecture="decoder")
    assert {row.question_id for row in rows} == set(QUESTIONS)
    with pytest.raises(DataError, match="none of 1 questions comes with sub-questions"):
        method.examples({"q": ASKED}, [], architecture="decoder")


def test_gold_lines_that_do_not_split_are_reported_with_the_id(caplog) -> None:
    """Also those of a file, which then has no sub-questions for the whole question."""
    text = "How many boxes? ** Ann has 2.\nSo 6."
    broken = QUESTIONS["q2"].model_copy(update={"steps": None, "rationale": text})
    rows = Socratic(data="gold").examples(QUESTIONS | {"q2": broken}, [], architecture="decoder")
    assert {row.question_id for row in rows} == set(QUESTIONS) - {"q2"}
    assert "q2 is not trained on: no sub-question in line 2: 'So 6.'" in caplog.text


def test_a_share_of_histories_is_the_solver_s_own_and_what_it_learns_is_not() -> None:
    method = Socratic(own_history=0.5)
    promptings: list[Prompting] = []

    def ask(questions: list[Question], prompting: Prompting) -> list[list[str]]:
        promptings.append(prompting)
        return [[" It is 99. --> 99"] * len(question.steps or ()) for question in questions]

    gold = method.examples(QUESTIONS, SOCRATIC, architecture="decoder")
    mixed = method.rehearsed(QUESTIONS, SOCRATIC, ask, architecture="decoder")
    assert promptings == [method.heads["oracle"]]
    assert [row.target for row in mixed] == [row.target for row in gold]
    second = [row for row in mixed if row.example_id.endswith("/1")]
    own = ["** It is 99.\nHow many eggs does she have? **" in row.input for row in second]
    assert 0 < sum(own) < len(own)
    every = Socratic(own_history=1.0).rehearsed(QUESTIONS, SOCRATIC, ask, architecture="decoder")
    assert all("99" in row.input for row in every if row.example_id.endswith("/1"))
    assert not any("-->" in row.input for row in every)
    assert not Socratic().rehearses


def test_one_text_has_no_history_of_its_own() -> None:
    with pytest.raises(SettingError, match=r"own_history=0.3 .* scheme unified"):
        Socratic.parse({"scheme": "unified", "own_history": 0.3})


@pytest.mark.parametrize("architecture", ["decoder", "encoder-decoder"])
def test_the_answer_alone_is_asked_for_where_training_put_it(architecture) -> None:
    method = Socratic()
    rows = method.examples(QUESTIONS, SOCRATIC, architecture=architecture)
    ends = [row for row in rows if row.task == "solve" and "-->" in row.target]
    assert len(ends) == len(SOCRATIC)
    for row, rationale in zip(ends, SOCRATIC, strict=True):
        question = QUESTIONS[rationale.question_id]
        turn = method.prompting.conclusion(question, rationale.text, architecture)
        if architecture == "decoder":
            assert row.input + row.target == f"{turn.prompt} {question.answer}"
        else:
            assert row.input == turn.prompt
            assert row.target == f"{turn.opening} {question.answer}"
    free = method.prompting.conclusion(ASKED, "It is 3*4=12.", "decoder")
    assert free.prompt == "Ann has 3 boxes of 4 eggs. ### It is 3*4=12. -->"
