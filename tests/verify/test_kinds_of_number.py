"""The kinds of sentences and spellings in which a number is the answer, or is not."""

from __future__ import annotations

import pytest

from tests.verify.kinds import Case, check, named

ANSWER_THEN_CONTEXT: list[Case] = [
    ("numeric", "15 - 6 = 9, so Ann has 9 pens left from the 15 she bought.", "9", "correct"),
    ("numeric", "3 * 8 = 24 and so the hall has 24 chairs in its 3 rows of 8.", "24", "correct"),
    ("numeric", '{"answer": "Ben saves $12 on a coat of 60 dollars."}', "12", "correct"),
    ("numeric", '{"reasoning": "30 - 12 = 18", "answer": "18 fewer than the 30 of May"}', "18",
     "correct"),
    ("numeric", "She sold 14 fewer than the 40 of last week.", "14", "correct"),
    ("numeric", "5 + 7 = 12. So they need 12 tiles for 5 rooms and 7 halls.", "12", "correct"),
    ("numeric", "He had 20 coins and lost 8, which leaves 12.", "12", "correct"),
    ("numeric", "In 3 days she reads 45 pages.", "45", "correct"),
]  # fmt: skip

NUMBER_BEHIND_THE_ANSWER: list[Case] = [
    ("numeric", "The mean difference is 4.2 (p < 0.05).", "4.2", "correct"),
    ("numeric", "It grew by 17 points, p = 0.001", "17", "correct"),
    ("numeric", "The area is 36 m^2.", "36", "correct"),
    ("numeric", "The volume is 125 cm^{3}", "125", "correct"),
    ("numeric", "The acceleration is 9 m/s^2", "9", "correct"),
    ("numeric", "so the plot measures 54 km²", "54", "correct"),
    ("numeric", "The volume is $60 \\text{ cm}^3$", "60", "correct"),
    ("numeric", "so we have 2^3", "8", "correct"),
]

STATEMENT_FORMS: list[Case] = [
    ("numeric", "The answer is 400 - 150, which is 250.", "250", "correct"),
    ("numeric", "The answer is 12 times 3, which equals 36.", "36", "correct"),
    ("numeric", "The result is 30, out of 90 tries.", "30", "correct"),
    ("numeric", "Answer - 18 (3 rows)", "18", "correct"),
    ("numeric", "Answer – 18 pens in 3 boxes", "18", "correct"),
    ("numeric", "The final result is 64 after 6 steps", "64", "correct"),
    ("numeric", "The answer is 6 + 7, so 13.", "13", "correct"),
    ("numeric", "Result: 75 (of 100)", "75", "correct"),
    ("numeric", "The answer is 25 + 17 or 42", "42", "correct"),
]

NUMBER_IN_WORDS: list[Case] = [
    ("numeric", "So there are twelve eggs left.", "12", "correct"),
    ("numeric", "Ann needs twenty-five more stamps.", "25", "correct"),
    ("numeric", "In the end he keeps three of them.", "3", "correct"),
    ("numeric", "This is the one that he wants.", "1", "unparsed"),
    ("numeric", "No one knows which one is meant.", "1", "unparsed"),
    ("numeric", "She pays two hundred and five dollars.", "205", "correct"),
    ("numeric", "Two plus three make five.", "2", "unparsed"),
]

REFUSAL_WITH_NUMBER: list[Case] = [
    ("numeric", "I'm sorry, but I can't help with question 4.", "4", "wrong"),
    ("numeric", "There is not enough data to find g(0).", "0", "wrong"),
    ("numeric", "I am unable to solve this problem with 3 unknowns.", "3", "wrong"),
    ("numeric", "It is impossible to say how many of the 12 are red.", "12", "wrong"),
    ("numeric", "I don't know how many of the 5 are left.", "5", "wrong"),
    ("numeric", "As an AI model I cannot count the 7 objects in the picture.", "7", "wrong"),
    ("numeric", "I am not sure about it, but it should be 15.", "15", "correct"),
    ("numeric", "I cannot see the picture; if it has 6 rows, the answer is 24.", "24", "correct"),
    ("numeric", "We cannot determine x first, so count y instead. The answer is 8.", "8",
     "correct"),
]  # fmt: skip

MAGNITUDES: list[Case] = [
    ("numeric", "The answer is 3.5M people.", "3500000", "correct"),
    ("numeric", "The answer is $2bn.", "2000000000", "correct"),
    ("numeric", "答案是3万。", "30000", "correct"),
    ("numeric", "答えは2億です。", "200000000", "correct"),
    ("numeric", "The answer is 5 lakh rupees.", "500000", "correct"),
    ("numeric", "The answer is 2 crore.", "20000000", "correct"),
    ("numeric", "The answer is 3 × 10⁴.", "30000", "correct"),
    ("numeric", "The answer is 2⁵.", "32", "correct"),
    ("numeric", "The answer is 5!", "5", "correct"),
    ("numeric", "#### 5!", "120", "correct"),
    ("numeric", "\\boxed{5!}", "60", "wrong"),
    ("numeric", "The answer is 5 feet 6 inches.", "5", "wrong"),
    ("numeric", "The answer is 3 hours 20 minutes.", "3", "wrong"),
    ("numeric", "The answer is 36 = 4*9", "36", "correct"),
    ("numeric", "The answer is 5 M", "5", "correct"),
    ("numeric", "The answer is 5m.", "5000000", "wrong"),
    ("numeric", "#### 36 = 6 * 6", "6", "wrong"),
]

GOLD_NOT_ONE_NUMBER: list[Case] = [
    ("numeric", "The answer is 3:2.", "3:2:1", "unparsed"),
    ("numeric", "The answer is 3.", "3 to 2", "unparsed"),
    ("numeric", "The answer is 10.", "10-12", "unparsed"),
    ("numeric", "The answer is 2019.", "2019-05-04", "unparsed"),
    ("numeric", "The answer is 4.", "4 May 2019", "unparsed"),
    ("numeric", "The answer is 7.", "x > 7", "unparsed"),
    ("numeric", "The answer is 5.", "5 feet 6 inches", "wrong"),
    ("numeric", "The answer is 5.", "5 dollars and 3 euros", "unparsed"),
    ("numeric", "The answer is 16.", r"\sqrt{16}", "wrong"),
    ("numeric", "The answer is 4.", r"\sqrt{16}", "correct"),
    ("numeric", "The answer is 4.", "sqrt(16)", "correct"),
    ("numeric", "The answer is 2.", r"2\sqrt{5}", "unparsed"),
    ("numeric", "The answer is 12.", "12 eggs", "correct"),
    ("numeric", "The answer is 12.", "$12", "correct"),
    ("numeric", "The answer is 12.", "x = 12", "correct"),
    ("numeric", "The answer is 36.", "4 * 9 = 36, so she has 36.\nThe answer is: 36", "correct"),
    ("numeric", "The answer is 36.", r"It follows that she has \boxed{36}.", "correct"),
]

SETS = {
    "answer-then-context": ANSWER_THEN_CONTEXT,
    "number-behind-the-answer": NUMBER_BEHIND_THE_ANSWER,
    "statement-forms": STATEMENT_FORMS,
    "number-in-words": NUMBER_IN_WORDS,
    "refusal-with-number": REFUSAL_WITH_NUMBER,
    "magnitudes": MAGNITUDES,
    "gold-not-one-number": GOLD_NOT_ONE_NUMBER,
}


@pytest.mark.parametrize(("kind", "case"), named(SETS))
def test_the_number_that_is_meant_is_read(kind: str, case: Case) -> None:
    check(case)
