"""Gold answers are reduced to their answer, and read as one number and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.rationales.gold import gold_answer, read_gold
from cotkd.types import Question
from cotkd.verify import verifier_of


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("18", "18"),
        ("# 18", "18"),
        ("#### 1,000", "1000"),
        ("( 84.0 / 2.0 )", "42"),
        ("-9867630.0", "-9867630"),
        ("She has 9.\n#### 18", "18"),
        ("9\nA: 18", "18"),
        ("None", "none"),
        ("20%", "20"),
    ],
)
def test_a_gold_answer_is_a_value_or_a_whole_solution(gold: str, answer: str) -> None:
    number = read_gold(gold)
    assert number is not None
    assert number.spelling == answer


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("She has 3 * 12 = 36 pens.\n#### 36", "36"),
        (r"It follows that she has \boxed{\frac{3}{4}}.", r"\frac{3}{4}"),
        ("3 * 12 = 36. The answer is: 36", "36"),
        ("Each has 12 pens. So three of them have 3 * 12 = 36 pens.", "36"),
        ("3 * 12 = 36, so she has 36 pens in her 3 boxes.", "36"),
        ("The answer is: $2\\sqrt{3}$", "2\\sqrt{3}"),
        ("So the answer is (B).", "(B)"),
        ('{"reasoning": "3 * 12", "answer": "36"}', "36"),
        ("36", "36"),
        ("(B)", "(B)"),
        ("In 1969 two men walked on the moon.", "In 1969 two men walked on the moon."),
        ("x = 3, y = 5", "x = 3, y = 5"),
        ("", ""),
    ],
)
def test_a_solution_is_reduced_to_its_answer_and_an_answer_stays(gold: str, answer: str) -> None:
    assert gold_answer(gold) == answer


NOT_ONE_NUMBER = [
    "3:2", "3 to 2", "12-20", "12 – 20", "2024-02-04", "4 May 2019", "May 4, 2019", "x > 7",
    "7 or 8", "2 cows, 8 hens", "5 dollars and 3 euros", "(3, 4)", "3, 4", r"2\sqrt{5}", "5K/4",
    "at least 7", "± 2", "9 2 0 1", "between 3 and 5", "twelve or so", "no number", "",
    "2x + 3", "y = 2x - 4",
]  # fmt: skip


@pytest.mark.parametrize("gold", NOT_ONE_NUMBER)
def test_what_is_not_one_number_is_not_read_as_one(gold: str) -> None:
    assert read_gold(gold) is None
    question = Question(id="q", text="?", answer=gold)
    assert not verifier_of("numeric").reads(question)
    assert verifier_of("numeric").verify_question("#### 7", question).status == "unparsed"


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("12 eggs", "12"), ("$12.50", "12.5"), ("x = 12", "12"), ("4 * 3 = 12 eggs", "12"),
        ("3/4", "0.75"), ("1 1/2", "1.5"), ("5 million", "5"), ("sqrt(9)", "3"), ("-5", "-5"),
        ("4,5", "4.5"), ("1,234", "1234"), ("2 345,75", "2345.75"), ("20%", "20"),
        (r"\sqrt{49}", "7"),
        ("( 15.0 - 6.0 )", "9"), ("12 eggs.", "12"), ("٤٫٥", "4.5"), ("5!", "120"),
        ("3:30 PM", "3.5"),
    ],
)  # fmt: skip
def test_one_number_is_read_with_its_unit(gold: str, answer: str) -> None:
    number = read_gold(gold)
    assert number is not None
    assert number.spelling == answer


@given(st.integers(-(10**9), 10**9), st.sampled_from(["{}", "#### {}", "\\boxed{{{}}}", "${}$"]))
def test_every_integer_is_read_in_every_form(value: int, form: str) -> None:
    number = read_gold(form.format(value))
    assert number is not None
    assert number.value == value


@given(st.text())
def test_any_text_is_reduced_without_an_error_and_only_once(text: str) -> None:
    answer = gold_answer(text)
    assert isinstance(answer, str)
    read_gold(text)


@pytest.mark.parametrize(
    ("kind", "gold", "choices", "readable"),
    [
        ("choice", "B", ("a", "b c"), True),
        ("choice", "F", ("a", "b c"), False),
        ("choice", "A or B", ("an owl", "a bat"), False),
        ("choice", "The answer is (B).", ("a", "b c"), True),
        ("boolean", "True", None, True),
        ("boolean", "yes and no", None, False),
        ("boolean", "perhaps", None, False),
        ("boolean", "No, because ice floats.", None, True),
        ("math", r"\frac{1}{2}", None, True),
        ("math", "", None, False),
        ("text", "", None, False),
    ],
)
def test_a_verifier_says_whether_it_can_read_a_gold_answer(
    kind: str, gold: str, choices: tuple[str, ...] | None, readable: bool
) -> None:
    question = Question(id="q", text="?", answer=gold, choices=choices)
    assert verifier_of(kind).reads(question) is readable
