"""The final answer is found behind every marker, in the stated order, in any text."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.rationales.extract import MARKERS, extract, extract_answer

# (text, answer, marker): one row for each format family met in real model output.
FAMILIES = [
    ("so 9 * 2 = 18\n#### 18", "18", "####"),
    ("#### Step 1: add 5\nso 7\n#### 18 eggs", "18", "####"),
    ("#### 1. Count\nShe has 18.", "18", "number"),
    ("9 * 2 = <<9*2=18>>18\nA: 18", "18", "A:"),
    ("9 left. The answer is 18.\n\n", "18", "answer"),
    ("The answer is 5. No wait: the answer is 18. That is 3 more than 15.", "18", "answer"),
    ("The answer is 18 eggs, because 20 - 2 = 17.", "18", "answer"),
    ("The answer is 3 * 6 = 18.", "18", "answer"),
    ("The answer is (84 / 2).", "42", "answer"),
    ("The final answer is: $18$.", "18", "answer"),
    ("**Answer:** 18", "18", "answer"),
    ("**Final Answer**: **$1,200.50**", "1200.5", "answer"),
    ("### Answer\nAnswer:\n\n18", "18", "answer"),
    ("Therefore, the answer to the question is 18.", "18", "answer"),
    ("The answer is eighteen.", "18", "answer"),
    ("The answer is -$10,000.", "-10000", "answer"),
    ("The answer is \u22125.", "-5", "answer"),
    ("so \\boxed{18} of 20", "18", "boxed"),
    ("so $\\boxed{\\frac{3}{4}}$", "0.75", "boxed"),
    ("so \\boxed{1{,}000\\text{ eggs}}", "1000", "boxed"),
    ("so \\boxed{x = \\$18}", "18", "boxed"),
    ('{"reasoning": "5 + 3 = 8", "answer": "18 eggs"}', "18", "json"),
    ("Ans: 18. That is 3 less", "18", "answer"),
    ("## Answer\n18 eggs\n\nHope these 3 steps help", "18", "answer"),
    ("**Final Answer**\n18\n\n3 steps", "18", "answer"),
    ("<answer> 18 eggs </answer> done 3", "18", "answer"),
    ("<answer>\nx = 18\n</answer> y = 3", "18", "answer"),
    ("18 is the final answer, checked 2 times", "18", "answer"),
    ("The first answer\nwas 5, so 18", "18", "number"),
    ('{"answer": 18, "reasoning": "5 + 3 = 8"}', "18", "json"),
    ('```json\n{"reasoning": "5", "answer": "$1,200.50"}\n```</s></s>', "1200.5", "json"),
    ('{"reasoning": "said \\"5\\"", "final_answer": "18', "18", "json"),
    ('{"reasoning": "the \\"answer\\": 5", "answer": "18"}', "18", "json"),
    ('{\\"reasoning\\": \\"5\\", \\"answer\\": \\"18\\"}', "18", "json"),
    ('{"answer": "18"}\n\n```json\n{"answer": "7"}\n```', "18", "json"),
    ('[{"step": 1, "answer": "5"}, {"step": 2, "answer": "6"}], "answer": "18"}', "18", "json"),
    ('{"answer": "150 * 2 + 240 = 300 + 240 = 540"}', "540", "json"),
    ("She buys it. --> 18", "18", "-->"),
    ("So she makes **$18** per day at 2 markets.", "18", "bold"),
    ("So she makes $18 every day.", "18", "number"),
    ("It is 20% of them.", "20", "number"),
    ("It takes 1 1/2 hours", "1.5", "number"),
    ("They meet at 3:30 PM", "3.5", "number"),
    ("That costs 1.000.000 in all", "1000000", "number"),
    ("The answer is cannot be determined.", "none", "answer"),
    ("#### None", "none", "####"),
    ("cannot be determined", "none", "number"),
    ('{"reasoning": "no data, 5 eggs", "answer": "Not enough information"}', "none", "json"),
    ("<think>maybe 5. The answer is 7.</think>So it is 18.", "18", "number"),
    ("The answer is 18.\n\nQ: There are 15 trees, how many?\nA: The answer is 6.", "18", "answer"),
    ("#### 18\n\nQuestion: There are 15 trees\n#### 6", "18", "####"),
]


@pytest.mark.parametrize(("text", "answer", "marker"), FAMILIES)
def test_every_format_family_is_read(text: str, answer: str, marker: str) -> None:
    found = extract(text)
    assert found is not None
    assert (found.value.spelling, found.marker) == (answer, marker)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I do not know.",
        "The answer is (2 * x).",
        "The answer is (120 /",
        '{"answer": ""}',
        "no digits at all",
    ],
)
def test_text_without_a_readable_answer_has_none(text: str) -> None:
    assert extract_answer(text) is None


@given(
    st.integers(-(10**9), 10**9),
    st.sampled_from(["#### {}", "A: {}", "The answer is {}.", "\\boxed{{{}}}"]),
)
def test_a_marked_answer_wins_over_later_numbers(value: int, form: str) -> None:
    text = f"First 3 + 4 = 7.\n{form.format(value)}\nThis took 99 minutes."
    assert extract_answer(text) == str(value)


@given(
    st.integers(0, 10**9), st.integers(0, 10**9), st.text(alphabet='{}":,\\ \nanswer', max_size=30)
)
def test_json_answers_survive_any_reasoning(value: int, other: int, noise: str) -> None:
    text = json.dumps({"reasoning": f"{noise} so {other}", "answer": value}, indent=1)
    assert extract_answer(text) == str(value)


@given(st.text(max_size=40), st.integers(-(10**6), 10**6))
def test_the_span_of_a_marked_answer_covers_its_statement(text: str, value: int) -> None:
    whole = f"{text}\n#### {value}"
    found = extract(whole)
    assert found is not None
    if found.marker == "####":
        assert whole[found.start : found.end] == f"#### {value}"


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_markers_are_tried_in_the_given_order(one: int, other: int) -> None:
    text = f"The answer is {one}.\n#### {other}"
    assert extract_answer(text, ("answer", "####")) == str(one)
    assert extract_answer(text, ("####", "answer")) == str(other)
    assert extract_answer(text, ("=>",)) is None
    assert extract_answer(f"so => {one}. Then 5.", ("=>", "number")) == str(one)


@given(st.text())
def test_no_text_raises_and_the_span_lies_inside(text: str) -> None:
    found = extract(text)
    if found is not None:
        assert 0 <= found.start <= found.end <= len(text)
        assert found.marker in MARKERS


@given(
    st.lists(
        st.sampled_from(
            [
                "#### ",
                "answer is ",
                '"answer": ',
                "\\boxed{",
                "}",
                "**",
                "A: ",
                "-->",
                "\n",
                "5",
                "-",
                "1,000",
                "3/4",
                "=",
                "(",
                "\u2212",
                "\\frac{1}{2}",
                "%",
                " million",
                "<<",
                ">>",
                "None",
                "\n\nQ:",
                "</think>",
                '"',
                "\ud800",
            ]
        )
    )
)
def test_no_soup_of_markers_raises(pieces: list[str]) -> None:
    answer = extract_answer("".join(pieces))
    assert answer is None or answer.encode()


HOSTILE = {
    "a million digits": "9" * 10**6,
    "a marked million digits": "#### " + "9" * 10**6,
    "tower of exponents": "The answer is 9^9^9^9^9^9^9.",
    "open boxes": "\\boxed{" * 10**5,
    "nested braces": "\\boxed{" + "{" * 10**5 + "}" * 10**5,
    "NULs": "\x00" * 10**6,
    "surrogates": "\ud800" * 10**5 + "5",
    "bidirectional controls": "\u202e" * 10**5 + "18",
    "annotations": "<<" * 5 * 10**6,
    "new lines": "\n" * 10**7,
    "spaced new lines": "\n   " * 10**6,
    "answers": "answer " * 10**6,
    "answer colons": 'answer": ' * 10**6,
    "hashes": "#" * 10**7,
    "stars": "**" * 10**6,
    "bold openings": "**1" * 10**6,
    "spaced digits": "123 " * 10**6,
    "commas": "1," * 10**6,
    "dots": "1.000" * 10**6,
    "slashes": "1/" * 10**6,
    "quotes": '"answer": "' + "\\" * 10**6,
    "equals": "answer: " + "=" * 10**6,
    "thoughts": "</think>" * 10**6,
    "currency": "The answer is " + "$" * 10**6,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_answered_within_a_second(name: str) -> None:
    start = time.process_time()
    extract_answer(HOSTILE[name])
    assert time.process_time() - start < 1
