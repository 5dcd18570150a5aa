import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotkd.questions.solution import split_solution

LINE = st.text(st.characters(codec="ascii", exclude_characters="#*\r\n"), max_size=9).map(
    "x{}x".format
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(LINE, LINE), min_size=1, max_size=5), st.integers())
def test_steps_and_answer_come_back(pairs: list[tuple[str, str]], answer: int) -> None:
    text = "\n".join(f"{question} ** {step}" for question, step in pairs)
    solution = split_solution(f"{text}\n#### {answer}")
    assert solution.steps == tuple(pairs)
    assert solution.rationale == "\n".join(step for _, step in pairs)
    assert solution.answer == str(answer)


@settings(max_examples=40, deadline=None)
@given(st.lists(LINE, min_size=1, max_size=5), st.integers())
def test_a_plain_solution_has_no_steps(lines: list[str], answer: int) -> None:
    text = "\n".join(lines)
    assert split_solution(f"{text}\n#### {answer}") == (str(answer), text, None)


def test_text_without_a_marker_is_the_answer() -> None:
    assert split_solution(" 1,000 \n") == ("1,000", None, None)


def test_an_answer_alone_has_no_rationale() -> None:
    assert split_solution("#### 18") == ("18", None, None)


def test_the_last_marker_counts() -> None:
    assert split_solution("First #### 3, no:\n#### 4") == ("4", "First #### 3, no:", None)


def test_the_form_of_the_answer_is_kept() -> None:
    assert split_solution("x\n#### -1,450.50 ").answer == "-1,450.50"


@pytest.mark.parametrize("line", ["2 ** 3 = 8", "a ** b"])
def test_one_line_with_a_power_among_others_makes_no_steps(line: str) -> None:
    assert split_solution(f"{line}\nSo it is 8.\n#### 8").steps is None


@pytest.mark.parametrize(
    ("text", "answer", "rationale"),
    [
        ("He has 4 * 9 = 36 pens.\nThe answer is: 36", "36", "He has 4 * 9 = 36 pens."),
        ("He has 4 * 9 = 36 pens. The answer is 36.", "36", "He has 4 * 9 = 36 pens."),
        (r"It follows that $x$ is $\boxed{\frac{3}{4}}$.", r"\frac{3}{4}", ""),
        ("Both float.\n\n**Answer:** (B)", "(B)", "Both float."),
        (r"\boxed{36}", "36", ""),
        ("Answer: 36", "36", ""),
    ],
)
def test_a_solution_in_prose_is_reduced_to_its_answer(
    text: str, answer: str, rationale: str
) -> None:
    assert split_solution(text) == (answer, rationale or None, None)


@pytest.mark.parametrize("text", ["36", "3/4", "(B)", "Paris", r"\frac{3}{4}", "] ] )", "x = 3"])
def test_an_answer_stays_as_it_is(text: str) -> None:
    assert split_solution(f" {text}\n") == (text, None, None)
