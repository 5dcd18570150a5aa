"""What a method says: how the teacher is asked, what is kept, what the student is trained on.

The pipeline, the trainer and the evaluator know nothing about papers; they are handed what a
`Method` returns. All hooks are pure functions of rows.

Most methods ask the teacher in one way and train one head. One with more says so here:

    streams    factual, counterfactual     each its own way of asking, its own filters
    heads      answer, explain             each its own prompt and target; the first is the main one
    follow_up                              a second question to the student after its first reply
    turn                                   any number of questions, each after the replies so far
    members                                parts of the student that are models of their own
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar, NamedTuple

from pydantic import Field

from cotkd.config import Choice
from cotkd.evaluation.run import Metric
from cotkd.filters.base import Filter
from cotkd.formats.base import Format
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


class Turn(NamedTuple):
    """What a student is sent next in a dialogue."""

    prompt: str
    task: str | None = None
    """Whose weights answer, where tasks have some of their own."""
    opening: str = ""
    """What an encoder–decoder is made to begin its reply with."""


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
    def heads(self) -> dict[str, Format]:
        """What the student can be asked for, by name; the first is its answer."""

    @property
    def answer_format(self) -> Format:
        """The format of the main head."""
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

    def prompt(
        self, question: Question, architecture: Architecture, head: str | None = None
    ) -> str:
        """Return what the student is given at test time: the input string of training."""
        return self.format_of(head).input(question, architecture)

    def opening(self, architecture: Architecture, head: str | None = None) -> str:
        """Return what an encoder–decoder is made to begin its reply with; empty for decoders."""
        return ""

    def follow_up(
        self, question: Question, reply: str, architecture: Architecture, head: str | None = None
    ) -> str | None:
        """Return the second prompt after the student's first reply; None where there is none."""
        return None

    @property
    def follow_up_task(self) -> str | None:
        """Return the task of the second prompt, whose adapter answers it where tasks have one."""
        return None

    def join(self, reply: str, answer: str) -> str:
        """Return both replies as the one text that is read and kept."""
        return reply + answer

    def turn(
        self,
        question: Question,
        said: Sequence[str],
        architecture: Architecture,
        head: str | None = None,
    ) -> Turn | None:
        """Return what the student is sent after the replies in `said`; None ends the dialogue."""
        if not said:
            task = getattr(self.format_of(head), "task", None)
            opening = self.opening(architecture, head)
            return Turn(self.prompt(question, architecture, head), task, opening)
        second = None
        if len(said) == 1:
            second = self.follow_up(question, said[0], architecture, head)
        return None if second is None else Turn(second, self.follow_up_task)

    def conclusion(
        self, question: Question, rationale: str, architecture: Architecture
    ) -> Turn | None:
        """Return what leaves only the answer to be said after all other turns; None: nothing does.

        Args:
            question: What is asked.
            rationale: What stands in for everything said before.
            architecture: Of the student that answers.
        """
        return None

    def transcript(self, question: Question, said: Sequence[str], head: str | None = None) -> str:
        """Return all replies of a dialogue as the one text that is read and kept."""
        return said[0] if len(said) == 1 else self.join(*said)

    def asks(self, question: Question, head: str | None = None) -> bool:
        """Return whether a head can be asked this question: an oracle needs what it is told."""
        return True

    @property
    def oracles(self) -> tuple[str, ...]:
        """Return the heads that are told something gold: upper bounds."""
        return ()

    def metrics(self, questions: Sequence[Question], head: str | None = None) -> dict[str, Metric]:
        """Return further figures of a head's answers to these questions, by name."""
        return {}

    @property
    def converses(self) -> bool:
        """Return whether turns begin with what was read before, so that keeping that pays."""
        return False

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
        ask: Callable[[Sequence[Question], str], list[list[str]]],
        *,
        architecture: Architecture,
    ) -> list[Example]:
        """Return the examples of the second half of a training.

        Args:
            questions: As `examples` gets them.
            rationales: As `examples` gets them.
            ask: Returns what the student of the first half says to questions, as a head.
            architecture: Of the student, or of its first member.
        """
        raise NotImplementedError

    def format_of(self, head: str | None) -> Format:
        """Return the format of a head, by default the main one."""
        return self.answer_format if head is None else self.heads[head]

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
