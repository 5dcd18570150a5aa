"""Options are recognised by letter and by text, and only where they are meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.types import Question
from cotkd.verify import verifier_of, verify

CHOICES = ("a feather", "an anvil", "a big anvil", "18", "Ann's hat")


def _status(text: str, answer: str = "B") -> tuple[str, str | None]:
    question = Question(id="q", text="Which?", answer=answer, choices=CHOICES)
    verdict = verifier_of("choice").verify_question(text, question)
    return verdict.status, verdict.extracted


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("so the answer is (B).", "B"),
        ("The answer is B", "B"),
        ("The answer is B because it is heavy", "B"),
        ("The answer is B) an anvil", "B"),
        ("The answer is option (b).", "B"),
        ("**Answer: B**", "B"),
        ("#### B", "B"),
        ("so \\boxed{B}", "B"),
        ("so $\\boxed{\\text{B}}$", "B"),
        ('{"answer": "B"}', "B"),
        ("The answer is an anvil.", "B"),
        ("The answer is a big anvil.", "C"),
        ("The answer is a feather.", "A"),
        ("The answer is A.", "A"),
        ("The answer is 18.0.", "D"),
        ("It must be (A), no, (B)", "B"),
        ("I choose option E", "E"),
        ("Reasoning...\nB) an anvil", "B"),
        ("Reasoning...\n**B)** an anvil", "B"),
        ("Reasoning...\n(E) Ann's hat.\n", "E"),
        ("So it must be B) an anvil.", "B"),
        ("B)", "B"),
        ("[B]", "B"),
        ("(b)", "B"),
        ("(b) an anvil", "B"),
        ("b) an anvil", "B"),
        ("b", "B"),
        ("The answer is not A but B", "B"),
        ("The answer is not (A) but (B).", "B"),
        ("The answer is not a feather but an anvil.", "B"),
        ("I choose option (B) because (A) is light.", "B"),
        ("Option (A) is wrong because option (B) is heavier.", "B"),
        ("The answer is an anvil because a feather is light", "B"),
        ("The answer is (B), since (A) is light.", "B"),
        ("The answer is Ann's hat", "E"),
    ],
)
def test_every_way_of_naming_an_option_is_read(text: str, letter: str) -> None:
    status, extracted = _status(text)
    assert extracted == letter
    assert status == ("correct" if letter == "B" else "wrong")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No idea.",
        "The answer is a dog.",
        "The answer is either (a) a feather or (b) an anvil.",
        "The answer is a feather or an anvil.",
        "The answer is a feather or an anvil because both are things.",
        "The answer is not A.",
        "The options are\nA) a feather\nB) an anvil",
        "It is heavier than\nb",
        "B an anvil",
    ],
)
def test_text_that_names_no_option_is_unparsed(text: str) -> None:
    assert _status(text) == ("unparsed", None)


@pytest.mark.parametrize("text", ["The answer is (Z).", "#### F", "The answer is none of these."])
def test_a_stated_answer_that_is_no_option_is_wrong(text: str) -> None:
    assert _status(text) == ("wrong", "none")


@pytest.mark.parametrize("answer", ["B", "(B)", "b", "an anvil", "B) an anvil"])
def test_the_gold_answer_may_be_letter_or_text(answer: str) -> None:
    assert _status("#### B", answer) == ("correct", "B")


def test_options_that_differ_in_a_sign_differ_and_equal_options_are_one() -> None:
    question = Question(id="q", text="?", answer="D", choices=("20%", "5", "5", "-20%"))
    verifier = verifier_of("choice")
    for text in ("Answer D", "The answer is -20%.", "#### D", "so\nD"):
        assert verifier.verify_question(text, question).extracted == "D"
    assert verifier.verify_question("The answer is 20%.", question).extracted == "A"
    for text in ("The answer is (C).", "The answer is 5.0.", "B is the correct answer"):
        assert verifier.verify_question(text, question).extracted == "B"


def test_without_options_letters_and_texts_are_compared() -> None:
    assert verify("The answer is (B).", "B", "choice").status == "correct"
    assert verify("The answer is the anvil.", "The Anvil", "choice").status == "correct"
    assert verify("The answer is the anvil.", "the hat", "choice").status == "wrong"
    assert verify("?", "", "choice").status == "unparsed"


@given(st.text(st.characters(codec=None)), st.text(st.characters(codec=None)))
def test_any_two_texts_have_a_verdict_that_survives_json(text: str, gold: str) -> None:
    assert verify(text, gold, "choice").to_json()
