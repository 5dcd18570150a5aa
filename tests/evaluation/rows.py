"""Small rows for tests of the evaluation."""

from __future__ import annotations

from collections.abc import Iterable

from cotkd.types import Prediction, Question, Rationale, Verdict


def questions(n: int, name: str = "q") -> list[Question]:
    return [Question(id=f"{name}{i}", text=f"What is {i} + 0?", answer=str(i)) for i in range(n)]


def judge(text: str, question: Question) -> Verdict:
    if not text:
        return Verdict(status="unparsed", expected=question.answer)
    status = "correct" if text == question.answer else "wrong"
    return Verdict(status=status, extracted=text, expected=question.answer)


def predictions(right: Iterable[int], *, suite: str = "s", first: int = 0) -> list[Prediction]:
    asked = questions(first + len(list(right := list(right))))[first:]
    return [
        Prediction(
            question_id=q.id,
            text="",
            suite=suite,
            verdict=judge(q.answer if ok else "no", q),
        )
        for q, ok in zip(asked, right, strict=True)
    ]


def rationale(question_id: str, index: int, answer: str | None, gold: str = "1") -> Rationale:
    asked = Question(id=question_id, text="?", answer=gold)
    return Rationale(
        question_id=question_id,
        stream="s",
        sample_index=index,
        text="",
        answer=answer,
        verdict=judge(answer or "", asked),
        teacher="t",
        elicitation="plain",
    )
