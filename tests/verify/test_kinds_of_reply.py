"""What of a reply is read: its own sub-questions, not the prompt's words, and no broken-off end."""

from __future__ import annotations

import pytest

from tests.verify.kinds import Case, check, named

SUBQUESTION_HEADERS: list[Case] = [
    ("numeric", "Q1: How many pens are in two boxes?\n2 * 6 = 12\n\nQ2: How many are left?\n"
                "12 - 5 = 7\n#### 7", "7", "correct"),
    ("numeric", "I'll go step by step.\n\nQuestion 1: what do 3 mugs cost?\n3 * 8 = 24.\n\n"
                "Question 2: and what is left of 50?\n50 - 24 = 26.\n\nThe answer is 26.",
     "26", "correct"),
    ("numeric", "Question 1: How far did she walk?\nAnswer: 4 km.\n\nQuestion 2: How far is that "
                "there and back?\nAnswer: 8 km\n\nFinal answer: 8", "8", "correct"),
    ("boolean", "Q1. Are whales mammals?\nYes.\n\nQ2. Do mammals lay eggs as a rule?\nNo.\n\n"
                "So the answer is no.", "no", "correct"),
    ("choice", "**Question 1:** Which is heavier?\nIron.\n\n**Question 2:** Which floats?\n"
               "Wood.\n\nTherefore the answer is (B).", "B", "correct"),
    ("numeric", "The answer is 9.\n\nQ2: Ben has 4 hats and buys 3. How many hats?\n"
                "The answer is 7.", "9", "correct"),
    ("numeric", "4 + 5 = 9\n#### 9\n\nQuestion 2: Ben has 4 hats and buys 3 more.\n#### 7",
     "9", "correct"),
    ("boolean", "So the answer is yes.\n\nQ: Is ice warm?\nA: So the answer is no.", "yes",
     "correct"),
]  # fmt: skip

RESTATED_QUESTION: list[Case] = [
    ("numeric", "Sure, happy to help!\n\n**Question:** Tom has 5 nets and buys 4. How many?\n\n"
                "**Solution:** 5 + 4 = 9\n\nThe answer is 9.", "9", "correct"),
    ("numeric", "Let's solve it.\n\nProblem: A rope of 12 m is cut in 3.\n\n12 / 3 = 4 m each.",
     "4", "correct"),
    ("choice", "Certainly.\n\n### Question\nWhich of them swims? (A) a stone (B) a duck\n\n"
               "### Answer\n(B) a duck", "B", "correct"),
    ("numeric", "Of course!\nQuestion: how many legs have 6 cows?\nA: 24", "24", "correct"),
    ("numeric", "24 legs in all. #### 24\n\nQuestion: how many legs have 6 hens?\n#### 12", "24",
     "correct"),
]  # fmt: skip

PROMPT_ALTERNATIVES: list[Case] = [
    ("boolean", "So the answer (Yes or No) is Yes.", "yes", "correct"),
    ("boolean", "Thus the answer (True or False) is: False", "False", "correct"),
    ("boolean", "The answer (yes/no) is", "no", "unparsed"),
    ("boolean", "Therefore, the final answer (Yes or No) is **yes**", "yes", "correct"),
    ("boolean", "Answer with (Yes or No).", "no", "unparsed"),
    (
        "boolean",
        "Therefore, the answer (Yes or No) is that it depends on the season.",
        "no",
        "unparsed",
    ),
    ("boolean", "Is it raining? (Yes or No)", "no", "unparsed"),
    ("boolean", "The correct answer (either Yes or No) is no.", "yes", "wrong"),
    ("boolean", "Therefore, the answer (True/False) is true", "false", "wrong"),
]

MARKER_WITH_BRACKETS: list[Case] = [
    (
        "numeric",
        "The answer is 5 at first. Therefore, the answer (arabic numerals) is 12, not 7.",
        "12",
        "correct",
    ),
    ("numeric", "So the answer (in dollars) is 40. This is 10 more than 30.", "40", "correct"),
    ("numeric", "The final answer (rounded to 2 decimals) is 3.25.", "3.25", "correct"),
    (
        "numeric",
        "The answer (a whole number) to this problem is 6, found in 2 steps",
        "6",
        "correct",
    ),
    ("numeric", "Answer (in cm): 14\nChecked 2 times", "14", "correct"),
    ("numeric", "Therefore, the answer (arabic numerals) is", "3", "unparsed"),
]

UNFINISHED: list[Case] = [
    ("numeric", "First she buys 12 pens. Then she pays 3 *", "3", "unparsed"),
    ("numeric", "There are 20 birds. After the storm 20 - 8 =", "8", "unparsed"),
    ("numeric", "Altogether they have 14 + 6 = 20 shells, of which the", "20", "unparsed"),
    ("numeric", "The total is \\frac{18}{", "18", "unparsed"),
    ("numeric", "So the number of eggs is (4 + 5", "5", "unparsed"),
    ("numeric", "Ann has 12 eggs", "12", "correct"),
    ("numeric", "so she has 5 + 7 = 12 eggs left", "12", "correct"),
    ("boolean", "Penguins are birds, which is true, but they are", "yes", "unparsed"),
    ("boolean", "A whale is a mammal. Yes, and because of", "yes", "unparsed"),
    ("choice", "Option (A) is too light, while option (B) would be", "B", "unparsed"),
    ("choice", "Looking at (C), we see that", "C", "unparsed"),
    ("math", "We get $x = 3 +", "3", "unparsed"),
    ("math", "Hence the area is $\\frac{9}{2", "9", "unparsed"),
    ("math", "so the sum is 4 + 5 +", "5", "unparsed"),
    ("math", "The sum of both is 9", "9", "correct"),
]

SETS = {
    "subquestion-headers": SUBQUESTION_HEADERS,
    "restated-question": RESTATED_QUESTION,
    "prompt-alternatives": PROMPT_ALTERNATIVES,
    "marker-with-brackets": MARKER_WITH_BRACKETS,
    "unfinished": UNFINISHED,
}


@pytest.mark.parametrize(("kind", "case"), named(SETS))
def test_a_reply_is_read_where_it_answers(kind: str, case: Case) -> None:
    check(case)
