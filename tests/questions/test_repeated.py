"""Questions that occur twice are pointed out, with how far their gold answers agree."""

from cotkd.questions.repeated import repeated
from cotkd.types import Question


def question(name: str, text: str, answer: str = "1", *choices: str) -> Question:
    return Question(id=name, text=text, answer=answer, choices=choices or None)


def test_equal_questions_are_counted_and_the_first_is_named() -> None:
    rows = [question("a", "x"), question("b", "y"), question("c", "x"), question("d", "x")]
    line = repeated(rows)
    assert line == "2 of 4 questions repeat another one, word for word; the first: c is a"


def test_other_gold_answers_are_counted() -> None:
    line = repeated([question("a", "x"), question("b", "x", "2")])
    assert line is not None
    assert "1 of them with another gold answer" in line


def test_one_text_with_other_options_is_another_question() -> None:
    assert repeated([question("a", "x", "A", "p", "q"), question("b", "x", "A", "p", "r")]) is None
    assert repeated([question("a", "x"), question("b", "y")]) is None
    assert repeated([question("a", "x", "A", "p", "q"), question("b", "x", "A", "p", "q")])
