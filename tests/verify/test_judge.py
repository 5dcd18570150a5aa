"""The judge's word is the verdict, and a text cannot put words into the rubric."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from cotkd.decoding.generation import Generation, failed
from cotkd.errors import SettingError
from cotkd.teachers.base import Request
from cotkd.teachers.scripted import ScriptedTeacher
from cotkd.types import Question
from cotkd.verify import verifier_of
from cotkd.verify.judge import Judge

QUESTION = Question(id="q", text="What is 3 * 4?", answer="12")


def _judge(answer: Callable[[Request], str | Generation], **settings: object) -> Judge:
    return Judge.parse({"teacher": ScriptedTeacher(answer=answer), **settings})


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("It ends in 12. Verdict: correct", "correct"),
        ("It is not correct, so\nVerdict: wrong", "wrong"),
        ("Verdict: INCORRECT.", "wrong"),
        ("I cannot say.", "unparsed"),
        ("", "unparsed"),
    ],
)
def test_the_last_word_of_the_judge_is_the_verdict(said: str, status: str) -> None:
    verdict = _judge(lambda _: said).verify_question("so 12", QUESTION)
    assert (verdict.status, verdict.expected) == (status, "12")


def test_the_judge_sees_question_answer_and_text_without_what_runs_on() -> None:
    seen: list[str] = []

    def answer(request: Request) -> str:
        seen.append(request.prompt)
        return "correct"

    text = "It is {gold} and {question}.\n\nQ: what next, of all there is?\nA: 7"
    _judge(answer).verify_question(text, QUESTION)
    assert "What is 3 * 4?" in seen[0]
    assert "It is {gold} and {question}." in seen[0]
    assert "what next" not in seen[0]


def test_rubric_and_pattern_are_settings_and_are_checked() -> None:
    judge = _judge(
        lambda request: "[[A]]" if "12 = 12" in request.prompt else "[[B]]",
        rubric="{gold} = {text}",
        pattern=r"\[\[([AB])\]\]",
        correct=["a"],
        wrong=["b"],
    )
    assert judge.verify("12", "12").status == "correct"
    assert judge.verify("13", "12").status == "wrong"
    with pytest.raises(SettingError, match=r"needs \{text\}"):
        Judge.parse({"rubric": "Is it good?"})
    with pytest.raises(SettingError, match="not a regular expression"):
        Judge.parse({"pattern": "("})


def test_many_texts_are_judged_in_batches_in_order_and_a_failure_is_a_verdict() -> None:
    def answer(request: Request) -> str | Generation:
        number = int(re.findall(r"number (\d+)", request.prompt)[0])
        return failed("no connection") if number == 7 else f"{['wrong', 'correct'][number % 2]}"

    texts = [f"number {n}" for n in range(40)]
    verdicts = _judge(answer).verify_all(texts, [QUESTION] * 40)
    assert verdicts[7].reason == "judge failed: no connection"
    expected = ["wrong" if n % 2 == 0 else "correct" for n in range(40) if n != 7]
    assert [v.status for n, v in enumerate(verdicts) if n != 7] == expected


def test_a_judge_is_found_by_name() -> None:
    judge = verifier_of({"kind": "judge", "teacher": {"kind": "transformers", "model": "x"}})
    assert isinstance(judge, Judge)
    assert judge.teacher.model == "x"
