"""What a method says: how the teacher is asked, what is kept, what the student is trained on.

The pipeline, the trainer and the evaluator know nothing about papers; they are handed what a
`Method` returns. All hooks are pure functions of rows.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from cotkd.config import Choice
from cotkd.filters.base import Filter
from cotkd.formats.base import Format
from cotkd.teachers.elicitation import Elicitation, Plain
from cotkd.types import Architecture, Example, Question, Rationale


class Method(Choice):
    """A published way of distilling chain-of-thought."""

    paper: ClassVar[str]
    """Authors, year and arXiv id."""
    uses_teacher: ClassVar[bool] = True
    """False for baselines that train on gold answers alone."""

    elicitation: Elicitation = Plain()
    """How the teacher is asked."""
    filters: tuple[Filter, ...] = ()
    """Which rationales become data, applied in this order."""

    @property
    @abstractmethod
    def answer_format(self) -> Format:
        """The format in which the student is asked at test time."""

    @abstractmethod
    def examples(
        self,
        questions: Mapping[str, Question],
        rationales: Sequence[Rationale],
        *,
        architecture: Architecture,
    ) -> list[Example]:
        """Return the training examples made of the kept `rationales` and their `questions`."""

    def prompt(self, question: Question, architecture: Architecture) -> str:
        """Return what the student is given at test time: the input string of training."""
        return self.answer_format.input(question, architecture)

    def rounds(self) -> Iterator[int]:
        """Yield the number of each round of sampling and training; one by default."""
        yield 0


def by_question(
    questions: Mapping[str, Question], rationales: Sequence[Rationale]
) -> Iterator[tuple[Question, list[Rationale]]]:
    """Yield each question that has rationales, in question order, with its rationales in order."""
    groups: dict[str, list[Rationale]] = {}
    for rationale in rationales:
        groups.setdefault(rationale.question_id, []).append(rationale)
    for question_id, question in questions.items():
        if question_id in groups:
            yield question, groups[question_id]
