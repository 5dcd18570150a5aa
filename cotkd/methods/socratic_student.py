r"""A trained Socratic student as Python users ask it: questions in, dialogues out.

student = SocraticStudent.load("runs/first/rounds/000/student")
(talk,) = student.generate(["Ann has 3 boxes of 4 eggs and sells 5. How many are left?"])
talk.pairs       (("How many eggs has Ann?", "3*4=<<3*4=12>>12"), ("How many are left?", …))
talk.answer      "7"
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from cotkd.asking.dialogue import AT_ONCE, dialogues
from cotkd.errors import DataError
from cotkd.methods.socratic import Socratic
from cotkd.methods.socratic_dialogue import DELIMITER
from cotkd.questions.solution import SUBQUESTION_MARKER
from cotkd.questions.subquestions import Pairs
from cotkd.types import Question

if TYPE_CHECKING:
    from cotkd.students.student import Student

_DEFAULT = Socratic()


class Dialogue(NamedTuple):
    """What a student said to one question."""

    pairs: Pairs
    """Sub-questions, each with the student's step."""
    answer: str | None
    """The stated answer; None where the last step states none."""
    text: str
    """All of it, as it is verified and reported."""
    replies: tuple[str, ...]
    """Every reply as it came, in order."""


@dataclass(frozen=True)
class SocraticStudent:
    """A decomposer and a solver, or one model that is both."""

    student: Student
    method: Socratic = _DEFAULT
    """What it was trained with."""

    @classmethod
    def load(cls, folder: str | Path, method: Socratic = _DEFAULT) -> Self:
        """Load a student that a run of `method` trained.

        Raises:
            SettingError: there is no such student.
            DataError: one of its models is missing, or it is alone where there should be two.
        """
        from cotkd.students.load import load_student

        student = load_student(folder)
        if method.members and not student.parts:
            raise DataError(
                f"{folder}: a single model, and scheme {method.scheme!r} asks a decomposer and a "
                "solver: give the folder of both, or the scheme that it was trained with"
            )
        return cls(student, method)

    def generate(
        self,
        questions: Sequence[str | Question],
        *,
        max_tokens: int = 128,
        oracle: bool = False,
        at_once: int = AT_ONCE,
    ) -> list[Dialogue]:
        """Break questions up and solve them, a whole batch in each round.

        Args:
            questions: As text, or as rows.
            max_tokens: Most tokens of a reply.
            oracle: Solve the gold sub-questions (`Question.steps`) instead of predicted ones.
            at_once: Dialogues held at the same time.

        Raises:
            DataError: gold sub-questions are asked for where a question has none, or no solver.
        """
        rows = [
            each if isinstance(each, Question) else Question(id=str(number), text=each, answer="")
            for number, each in enumerate(questions)
        ]
        prompting = self.method.heads.get("oracle" if oracle else "answer")
        refused = [row.id for row in rows if prompting is None or not prompting.asks(row)]
        if prompting is None or refused:
            raise DataError(
                f"question {next(iter(refused), None)!r} cannot be asked with gold sub-questions: "
                f"scheme {self.method.scheme}, or no steps of its own, ask with oracle=False"
            )
        said = dialogues(self.student, prompting, rows, max_tokens, at_once=at_once)
        texts = [tuple(reply.text for reply in replies) for replies in said]
        return [_dialogue(prompting.transcript(*e), e[1]) for e in zip(rows, texts, strict=True)]


def _dialogue(text: str, said: tuple[str, ...]) -> Dialogue:
    body, marker, answer = text.partition(DELIMITER)
    lines = (line.partition(SUBQUESTION_MARKER.strip()) for line in body.split("\n"))
    pairs = tuple((one.strip(), step.strip()) for one, found, step in lines if found)
    return Dialogue(pairs, answer.strip() or None if marker else None, text, said)
