"""A student's reasons, and its answers after given ones: what faithfulness is measured on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from cotkd.evaluation.faithfulness import Conclude, Said
from cotkd.formats.base import after_input
from cotkd.measuring.answers import student_answers
from cotkd.methods.base import Method
from cotkd.methods.dialogue import concluding_turns
from cotkd.rationales.parse import reasoning_of
from cotkd.types import Question
from cotkd.verify import Verifier

if TYPE_CHECKING:
    from cotkd.students.student import Student


def explaining(
    student: Student, method: Method, max_tokens: int, verifier: Verifier
) -> Callable[[Sequence[Question]], list[Said]]:
    """Return a callable that has questions answered, by the main head, and explained.

    A main head that writes no rationale is explained by the first other one that does. Questions
    with an answer that cannot be read are left out, as are all where no head explains.
    """
    heads = [head for head, format in method.heads.items() if format.explains]

    def said(questions: Sequence[Question]) -> list[Said]:
        if not heads:
            return []
        main = next(iter(method.heads))
        texts = student_answers(student, method, max_tokens)(questions)
        reasons = texts
        if heads[0] != main:
            reasons = student_answers(student, method, max_tokens, heads[0])(questions)
        read = method.answer_format.answer_part
        rows = []
        for question, text, reason in zip(questions, texts, reasons, strict=True):
            answer = verifier.verify_question(read(text), question).extracted
            if answer is not None:
                why = reasoning_of(reason, verifier.locate(reason))
                rows.append(Said(question, why, answer))
        return rows

    return said


def concluding(student: Student, method: Method, max_tokens: int = 16) -> Conclude | None:
    """Return a callable that has a student answer after given reasoning in place of its own.

    None where the answer of its main head does not come after a rationale.
    """
    architecture = student.architecture
    format = method.answer_format
    if method.converses:
        return concluding_turns(student, method, max_tokens)
    by_call = method.follow_up(_ANY, "", architecture) is not None
    task = method.follow_up_task if by_call else getattr(format, "task", None)
    if not by_call and format.before_answer("") is None:
        return None

    def prompt(question: Question, rationale: str) -> str:
        if by_call:
            return method.follow_up(question, rationale, architecture) or ""
        asked = method.prompt(question, architecture)
        if architecture == "encoder-decoder":
            return asked
        return asked + after_input(format.before_answer(rationale) or "", architecture)

    def conclude(questions: Sequence[Question], rationales: Sequence[str]) -> list[str]:
        prompts = [prompt(*each) for each in zip(questions, rationales, strict=True)]
        if by_call or architecture == "decoder":
            replies = student.generate(prompts, max_tokens=max_tokens, task=task)
            return [one.text for one in replies]
        lead, texts = method.opening(architecture), []
        for asked, rationale in zip(prompts, rationales, strict=True):
            begun = f"{lead} {format.before_answer(rationale)}".strip()
            texts += student.generate([asked], max_tokens=max_tokens, opening=begun, task=task)
        return [one.text for one in texts]

    return conclude


_ANY = Question(id="any", text="any", answer="any")
