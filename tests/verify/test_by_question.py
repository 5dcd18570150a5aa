from cotkd.types import Question
from cotkd.verify.by_question import ByQuestion

JUDGE = ByQuestion()


def _question(answer: str, verifier: object = None) -> Question:
    meta = {} if verifier is None else {"verifier": verifier}
    return Question(id="q", text="?", answer=answer, meta=meta)


def test_each_question_names_its_verifier() -> None:
    assert JUDGE.verify_question("Yes, it is.", _question("True", "boolean")).status == "correct"
    assert JUDGE.verify_question("#### 12.0", _question("12", "numeric")).status == "correct"
    close = {"kind": "numeric", "tolerance": 0.1}
    assert JUDGE.verify_question("#### 12.5", _question("12", close)).status == "correct"
    assert JUDGE.verify_question("#### 12.5", _question("12", "numeric")).status == "wrong"


def test_without_a_name_words_are_compared() -> None:
    assert JUDGE.verify_question("So the answer is Valid.", _question("valid")).status == "correct"
    assert JUDGE.verify("So the answer is valid.", "invalid").status == "wrong"
    assert JUDGE.locate("Hm. So the answer is valid.") is not None
