"""What a method says: how the teacher is asked, what is kept, what the student is trained on.

The pipeline, the trainer and the evaluator know nothing about papers; they are handed what a
`Method` returns. All hooks are pure functions of rows.

Most methods ask the teacher in one way and the student in one. One with more says so here:

    streams    factual, counterfactual     each its own way of asking the teacher, its own filters
    heads      answer, explain             each a way of asking the student (`cotkd.asking`): a
                                           reply, two calls, a dialogue; the first is the main one
    members    solver, decomposer          parts of the student that are models of their own
    rehearses                              a second training, on what the first one's student says
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar, NamedTuple

from pydantic import Field

from cotkd.asking import Prompting
from cotkd.config import Choice
from cotkd.filters.base import Filter
from cotkd.objectives import Objective
from cotkd.teachers.elicitation import Elicitation, Plain
from cotkd.types import Architecture, Example, Question, Rationale, Verdict


class Asking(NamedTuple):
    """One of the ways in which a method asks the teacher: a stream of rationales by name."""

    name: str
    elicitation: Elicitation
    filters: tuple[Filter, ...] = ()
    """Applied to the rationales of this stream alone, before the method's `filters`."""
    told: Callable[[Question], str] | None = None
    """The answer that the prompt states; None leaves it to the elicitation."""


class Member(NamedTuple):
    """A part of a student that is a model of its own, trained apart from the others."""

    name: str
    tasks: tuple[str, ...]
    """The tasks that it learns and answers."""
    model: str | None = None
    """Its base model; None takes the student's."""


class Method(Choice):
    """A published way of distilling chain-of-thought."""

    paper: ClassVar[str]
    """Authors, year and arXiv id."""
    elicitation: Elicitation = Plain()
    """How the teacher is asked."""
    filters: tuple[Filter, ...] = ()
    """Which rationales become data, applied in this order."""
    objectives: tuple[Objective, ...] | None = Field(None, exclude_if=lambda given: given is None)
    """What is minimised; null: the loss of the trained tokens, and the agreement of those that the
    method names."""

    @property
    def uses_teacher(self) -> bool:
        """Whether it trains on what the teacher wrote; baselines may train on gold text alone."""
        return True

    @property
    def needs_rationales(self) -> bool:
        """Whether gold text may not stand in for rationales that were sampled and dropped."""
        return self.uses_teacher

    def is_left_without(self, kept: int, sampled: int) -> bool:
        """Whether none is kept of the rationales that it is to be trained on."""
        return not kept and self.needs_rationales and (sampled > 0 or self.uses_teacher)

    @property
    def streams(self) -> tuple[Asking, ...]:
        """The ways in which the teacher is asked, one by default; none samples nothing."""
        return (Asking("", self.elicitation),)

    @property
    @abstractmethod
    def heads(self) -> dict[str, Prompting]:
        """The ways in which the student can be asked, by name; the first is how it answers."""

    @property
    def prompting(self) -> Prompting:
        """The main head."""
        return next(iter(self.heads.values()))

    @abstractmethod
    def examples(
        self,
        questions: Mapping[str, Question],
        rationales: Sequence[Rationale],
        *,
        architecture: Architecture,
    ) -> list[Example]:
        """Return the training examples made of the kept `rationales` and their `questions`."""

    @property
    def members(self) -> tuple[Member, ...]:
        """The models that a student consists of, the one that answers first; none: a single one."""
        return ()

    @property
    def rehearses(self) -> bool:
        """Return whether half of a training is on examples that hold what the student says."""
        return False

    def rehearsed(
        self,
        questions: Mapping[str, Question],
        rationales: Sequence[Rationale],
        ask: Callable[[Sequence[Question], Prompting], list[list[str]]],
        *,
        architecture: Architecture,
    ) -> list[Example]:
        """Return the examples of the second half of a training.

        Args:
            questions: As `examples` gets them.
            rationales: As `examples` gets them.
            ask: Returns all that the student of the first half replies to questions, asked so.
            architecture: Of the student, or of its first member.
        """
        raise NotImplementedError

    def rounds(self) -> Iterator[int]:
        """Yield the number of each round of sampling and training; one by default."""
        yield 0


def gold_solution(question: Question) -> list[Rationale]:
    """Return the question's own solution as a rationale; none where it has none."""
    if not question.rationale:
        return []
    gold = Verdict(status="correct", extracted=question.answer, expected=question.answer)
    return [
        Rationale(
            question_id=question.id,
            stream="gold",
            sample_index=0,
            text=question.rationale,
            answer=question.answer,
            verdict=gold,
            teacher="gold",
            elicitation="gold",
        )
    ]
