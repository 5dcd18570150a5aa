"""Reasoning to a given answer is told from reasoning that arrives at it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotkd.rationales.hint_leak import SAID_FIRST, THERE, TOLD, find_hint, hint_leak

LEAKS = [
    # told: the answer as a known thing
    ("As given, the answer is 12, which comes from 3 boxes of 4.", "12", TOLD),
    ("The given answer is 12. Ann has 3 * 4 eggs.", "12", TOLD),
    ("3 * 4 = 12, which matches the given answer.", "12", TOLD),
    ("3 + 4 = 7. This does not match the expected answer, so we multiply: 3 * 4 = 12.", "12", TOLD),
    ("We are told the answer is 12, so there must be 4 in each box.", "12", TOLD),
    ("We are told that the correct answer is B.", "B", TOLD),
    ("According to the answer key, she has 29 eggs left.", "29", TOLD),
    ("Working backwards from the answer, 12 / 3 = 4 eggs in each box.", "12", TOLD),
    ("To justify the answer, note that 3 boxes hold 4 eggs each.", "12", TOLD),
    ("The answer is already given: 12. We only explain it.", "12", TOLD),
    ("The answer provided is 12, so each of the 3 boxes has 4.", "12", TOLD),
    ("Using the hint, we see that 3 * 4 = 12.", "12", TOLD),
    ("Let me explain why the answer is 12. There are 3 boxes.", "12", TOLD),
    ("It is given that the answer is yes, as pandas are bears.", "yes", TOLD),
    ("This supports the stated answer of 1/4.", "1/4", TOLD),
    # told: the answer as a premise
    ("Since the answer is 12, Ann has 3 * 4 eggs.", "12", TOLD),
    ("Since the answer is $12.00, each egg costs $1.", "12", TOLD),
    ("Because the final answer is 1,200, we multiply 300 by 4.", "1200", TOLD),
    ("There are 3 boxes. As the answer is 12, each must hold 4.", "12", TOLD),
    ("We know that the result must be 12, so we multiply 3 by 4.", "12", TOLD),
    ("We know the answer is 12. There are 3 boxes of 4.", "12", TOLD),
    ("Knowing that the result is 12 we can look for the steps: 3 * 4 = 12.", "12", TOLD),
    ("For the answer to be 12 she has to multiply 3 by 4.", "12", TOLD),
    ("To get the answer 12, multiply the boxes by the eggs in each.", "12", TOLD),
    ("To arrive at the answer of 12, multiply 3 by 4.", "12", TOLD),
    ("There are 3 boxes of eggs. It must come out to 12, so each box has 4.", "12", TOLD),
    ("Given that the correct answer is (B), an anvil is heavy.", "B", TOLD),
    ("Since the right answer is yes, pandas must be bears.", "yes", TOLD),
    ("If the answer is 50%, half of them are boys.", "50", TOLD),
    ("Assuming the answer is -5, we see that it fell by 7.", "-5", TOLD),
    ("We are told the total is 12. There are 3 boxes of 4.", "12", TOLD),
    ("As stated, the result should be 12. There are 3 boxes of 4.", "12", TOLD),
    ("Working backwards from 12, each of the 3 boxes has 4 eggs.", "12", TOLD),
    ("Since we know it's 12, each of the 3 boxes has 4 eggs.", "12", TOLD),
    # said first
    ("The answer is 12. Each of the 3 boxes has 4 eggs.", "12", SAID_FIRST),
    ("The final answer: 12 eggs. Each box has 4 of them.", "12", SAID_FIRST),
    ("The result is 12, as there are 3 boxes.", "12", SAID_FIRST),
    ("12. There are 3 boxes with 4 eggs each.", "12", SAID_FIRST),
    ("It is 12.\nThere are 3 boxes.", "12", SAID_FIRST),
    ("She has 12 eggs left because she started with 20 and ate 8.", "12", SAID_FIRST),
    ("Ann has 12 eggs, since 3 * 4 = 12.", "12", SAID_FIRST),
    ("Yes, because pandas are bears.", "yes", SAID_FIRST),
    ("(B) because an anvil is made of iron.", "B", SAID_FIRST),
]

CLEAN = [
    ("Ann has 3 * 4 = <<3*4=12>>12 eggs.", "12"),
    ("Ann has 3 * 4 = 12 eggs, so the answer is 12.", "12"),
    ("3 * 4 = 12. Since the answer is 12, we choose (B).", "12"),
    ("Three times four makes 12. Because the answer is 12, we are done.", "12"),
    ("Since the answer must be a whole number, we round 11.7 up: 12.", "12"),
    ("Since the answer is in dollars, we divide by 100: 1200 / 100 = 12.", "12"),
    ("The answer is given by 3 * 4 = 12.", "12"),
    ("We know that the number of boxes is 3. 3 * 4 = 12.", "12"),
    ("We know that the result must be positive. 20 - 8 = 12.", "12"),
    ("She starts with 12 eggs. 12 + 3 = 15. 15 - 3 = 12.", "12"),
    ("Half of the 24 eggs is 12.", "12"),
    ("There are 120 eggs. 120 / 10 = 12.", "12"),
    ("The first route takes 20 hours because 1,500 / 75 = 20.\n30 - 20 = 10.\n10 * 2 = 20", "20"),
    ("If the answer is wrong, check it again. 3 * 4 = 12.", "12"),
    ("A panda is a bear. Bears are mammals. So yes.", "yes"),
    ("A feather is light, as is paper. An anvil is heavy. So (A).", "A"),
    ("Because x = 12 would be too many, try 11. No: 3 * 4 = 12.", "12"),
    ("To get the total, add 5 and 7: 5 + 7 = 12.", "12"),
    ("As stated, the boxes hold 4 eggs each: 3 * 4 = 12.", "12"),
    ("We are told the total is 20. 20 - 8 = 12.", "12"),
    ("Working backwards from 20, she had 20 - 8 = 12 eggs.", "12"),
    ("3 * 4 = 12. Since we know it's 12, we are done.", "12"),
    ("The given total is 20. 20 - 8 = 12.", "12"),
    ("First find the eggs: 3 * 4.\nThat is 12.", "12"),
    ("", "12"),
    ("12 eggs", ""),
]


@pytest.mark.parametrize(("text", "answer", "score"), LEAKS)
def test_leaks_are_found(text: str, answer: str, score: float) -> None:
    assert hint_leak(text, answer) == score


@pytest.mark.parametrize(("text", "answer"), CLEAN)
def test_reasoning_that_arrives_at_its_answer_leaks_nothing(text: str, answer: str) -> None:
    assert find_hint(text, answer) is None


def test_an_answer_that_stands_first_counts_where_the_question_does_not_hold_it() -> None:
    text = "She has 12 eggs left. She ate 8 of them."
    assert hint_leak(text, "12") == 0
    assert hint_leak(text, "12", question="She has 20 eggs and eats 8.") == THERE
    assert hint_leak(text, "12", question="She has 12 eggs and eats none.") == 0
    assert hint_leak("12 eggs, because she ate 8.", "12", question="Of 12 eggs …") == 0


def test_the_span_shows_the_leak() -> None:
    text = "There are 3 boxes. Since the answer is 12, each has 4."
    found = find_hint(text, "12")
    assert found is not None
    assert text[found.start : found.end] == "Since the answer is 12"


def test_another_value_is_no_premise() -> None:
    assert hint_leak("Since the answer is 12, each has 4.", "13") == 0


ANY = st.text(alphabet=st.characters(exclude_categories=("Cs",)))
WORDS = st.lists(
    st.sampled_from(
        ["since the answer is", "12", "(B)", "yes", "=", "3*4", ".", "\n", "because", "we know"]
    )
).map(" ".join)


@given(ANY | WORDS, ANY | st.sampled_from(["12", "B", "A", "yes", "1/2", "50%"]), ANY | WORDS)
@settings(deadline=None)
def test_any_text_has_a_score_and_a_span_inside_it(text: str, answer: str, question: str) -> None:
    found = find_hint(text, answer, question=question)
    score = hint_leak(text, answer, question=question)
    assert score in (0, THERE, SAID_FIRST, TOLD)
    if found is None:
        assert score == 0
    else:
        assert score == found.score
        assert 0 <= found.start < found.end <= len(text)


@pytest.mark.parametrize(
    "piece",
    [
        "since the answer is 1 ",
        "because ",
        "we know that ",
        "1 ",
        "12 = ",
        "(",
        " ",
        "answer\n",
        "9",
    ],
)
def test_a_text_of_a_megabyte_takes_bounded_time(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    start = time.process_time()
    hint_leak(text, "12", question=text)
    assert time.process_time() - start < 2
