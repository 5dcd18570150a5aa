"""A student's reasons, and its answers after given ones: what faithfulness is measured on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from cotkd.asking.dialogue import replies_to
from cotkd.asking.prompting import Prompting
from cotkd.evaluation.faithfulness import Conclude, Said
from cotkd.measuring.answers import student_answers
from cotkd.methods.base import Method
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
    main = method.prompting
    explained_by = next((each for each in method.heads.values() if each.explains), None)

    def said(questions: Sequence[Question]) -> list[Said]:
        if explained_by is None:
            return []
        texts = student_answers(student, main, max_tokens)(questions)
        reasons = texts
        if explained_by != main:
            reasons = student_answers(student, explained_by, max_tokens)(questions)
        rows = []
        for question, text, reason in zip(questions, texts, reasons, strict=True):
            answer = verifier.verify_question(main.answer_part(text), question).extracted
            if answer is not None:
                why = reasoning_of(reason, verifier.locate(reason))
                rows.append(Said(question, why, answer))
        return rows

    return said


def concluding(student: Student, prompting: Prompting, max_tokens: int = 16) -> Conclude | None:
    """Return a callable that has a student answer after given reasoning in place of its own.

    None where the answer does not come after a rationale.
    """

    def conclude(questions: Sequence[Question], rationales: Sequence[str]) -> list[str]:
        pairs = zip(questions, rationales, strict=True)
        found = (prompting.conclusion(*pair, student.architecture) for pair in pairs)
        return replies_to(student, [turn for turn in found if turn is not None], max_tokens)

    anything = Question(id="any", text="any", answer="any")
    return None if prompting.conclusion(anything, "", student.architecture) is None else conclude
