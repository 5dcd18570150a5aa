"""The kinds of ways in which a reply chooses an option, or does not."""

from __future__ import annotations

import pytest

from tests.verify.kinds import Case, check, named

PETS = ("a cat", "a dog", "a carp", "a crow")
YES_NO = ("Yes", "No")
SHARES = ("8%", "4.8%", "48%", "0.8%")
NUMBERS = ("12", "120", "1.2", "21")

NO_OPTION_CHOSEN: list[Case] = [
    ("choice", "(A) is close. The answer is (F).", "A", "wrong", PETS),
    ("choice", "Option (B) barks. The answer is none of the above.", "B", "wrong", PETS),
    ("choice", "It could be (C). So the answer is either B or C.", "C", "unparsed", PETS),
    ("choice", "(D) flies. The correct answer is E.", "D", "wrong", PETS),
    ("choice", "(D) flies. Answer: none of these", "D", "wrong", PETS),
    ("choice", "(A) purrs. The answer is (A) or (B).", "A", "unparsed", PETS),
    ("choice", "(B) is out. None of the given options is correct.", "B", "wrong", PETS),
]

LETTER_PHRASES: list[Case] = [
    ("choice", "So it's most likely C.", "C", "correct", PETS),
    ("choice", "The correct option letter is B", "B", "correct", PETS),
    ("choice", "I would pick D.", "D", "correct", PETS),
    ("choice", "The answer is probably B, as it barks.", "B", "correct", PETS),
    ("choice", "The answer is most likely (C).", "C", "correct", PETS),
    ("choice", "My choice would be A.", "A", "correct", PETS),
    ("choice", "I'd go with B.", "B", "correct", PETS),
    ("choice", "The best choice is C.", "C", "correct", PETS),
    ("choice", "So I choose D", "D", "correct", PETS),
    ("choice", "The correct letter is D.", "D", "correct"),
]

LETTER_AND_TEXT: list[Case] = [
    ("choice", "Barking points to B. a dog here.", "B", "correct", PETS),
    ("choice", "B) a dog\n\nDogs bark, and (A) cats purr.", "B", "correct", PETS),
    ("choice", "C: a carp\n\nOf all of these only a carp lives in water.", "C", "correct", PETS),
    ("choice", "What swims must be (C) a carp, of course.", "C", "correct", PETS),
    ("choice", "We are left with D) a crow since it flies.", "D", "correct", PETS),
    ("choice", "A) a cat\nB) a dog\nC) a carp\nD) a crow", "D", "unparsed", PETS),
    ("choice", "The options are A) a cat, B) a dog, C) a carp and D) a crow.", "D", "unparsed",
     PETS),
]  # fmt: skip

YES_NO_OPTIONS: list[Case] = [
    ("choice", "No, a stone cannot swim.", "B", "correct", YES_NO),
    ("choice", "Yes, ducks can swim.", "A", "correct", YES_NO),
    ("choice", "Yes. The (B) side is warm.", "A", "correct", YES_NO),
    ("choice", "No duck was harmed, and it is unclear.", "B", "unparsed", YES_NO),
    ("choice", "No - it sinks.", "A", "wrong", YES_NO),
    ("choice", "**Yes**, that is how it works.", "A", "correct", YES_NO),
]

LETTER_THEN_PHRASE: list[Case] = [
    ("choice", "The answer is C. BECAUSE: the right answer is the one that swims.", "C", "correct"),
    ("choice", "Answer: B. Reason: the correct answer is what barks.", "B", "correct"),
    ("choice", "The answer is D. The answer is obvious since crows fly.", "D", "correct"),
    ("choice", "The answer is A. Wait, the answer is B.", "B", "correct"),
    ("choice", "The answer is A. EXPLANATION: the answer is found by looking.", "A", "correct"),
    ("choice", "The answer is A. No, that is wrong: the answer is C.", "C", "correct"),
]

LETTERS_THAT_ARE_NO_OPTIONS: list[Case] = [
    ("choice", "Statements (i) and (ii) hold, so the answer is C: (i) and (ii) only.", "C",
     "correct"),
    ("choice", "The answer is (B), since (I) and (III) are true.", "B", "correct",
     ("I only", "I and III", "II only", "all", "none", "x", "y", "z", "u")),
    ("choice", "We have P(A) = 0.5 and P(B) = 0.2, so P(A and B) = 0.1", "A", "unparsed", PETS),
    ("choice", "Let f(C) = 3 and g(D) = 4. Then f(C) + g(D) = 7.", "D", "unparsed", PETS),
    ("choice", "P(A|B) is P(A) P(B|A) / P(B).\nThe answer is D.", "D", "correct", PETS),
    ("choice", "By P(A) = 1 - P(C) we get the third. The answer is (C).", "C", "correct", PETS),
]  # fmt: skip

OPTION_INSIDE_NUMBER: list[Case] = [
    ("choice", "The answer is B, 4.8%.", "B", "correct", SHARES),
    ("choice", "The answer is 4.8%.", "A", "wrong", SHARES),
    ("choice", "Answer: D (0.8%)", "D", "correct", SHARES),
    ("choice", "The answer is 120.", "A", "wrong", NUMBERS),
    ("choice", "The answer is C) 1.2", "C", "correct", NUMBERS),
    ("choice", "The answer is the share 14.8%", "B", "unparsed", SHARES),
]

BOX_BEFORE_LETTER: list[Case] = [
    ("choice", "So $x = \\boxed{12}$.\n\nAnswer: D", "D", "correct"),
    ("choice", "\\boxed{2x + 1} is largest. The answer is C.", "C", "correct"),
    ("choice", "We get \\boxed{\\frac{1}{2}}, which is option B.", "B", "correct"),
    ("choice", "We get \\boxed{7}.\nThe answer is (C).", "C", "correct", ("5", "6", "8", "9")),
    ("choice", "We get \\boxed{B}. The answer is B.", "B", "correct"),
    ("choice", "so \\boxed{120}", "B", "correct", NUMBERS),
]

SETS = {
    "no-option-chosen": NO_OPTION_CHOSEN,
    "letter-phrases": LETTER_PHRASES,
    "letter-and-text": LETTER_AND_TEXT,
    "yes-no-options": YES_NO_OPTIONS,
    "letter-then-phrase": LETTER_THEN_PHRASE,
    "letters-that-are-no-options": LETTERS_THAT_ARE_NO_OPTIONS,
    "option-inside-number": OPTION_INSIDE_NUMBER,
    "box-before-letter": BOX_BEFORE_LETTER,
}


@pytest.mark.parametrize(("kind", "case"), named(SETS))
def test_an_option_is_chosen_where_it_is_meant(kind: str, case: Case) -> None:
    check(case)
