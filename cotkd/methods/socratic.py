r"""Socratic CoT: one student breaks a question into sub-questions, another one solves them in turn.

Kumar Shridhar, Alessandro Stolfo, Mrinmaya Sachan. "Distilling Reasoning Capabilities into Smaller
Language Models". Findings of ACL 2023, arXiv:2212.00193.

    L = CE(q_1 … q_n | P) + Σ_j CE(s_j | P, q_1, s_1, …, q_j)     decomposer and solver
    L = CE(q_1, s_1, …, q_n, s_n | P)                             `scheme: unified`

At test time the decomposer writes all sub-questions, and the solver answers them one after the
other, each with its own answers to those before in the prompt. `iterative` trains two models,
`shared` one with two tasks. Guidance for the decomposer is that of its companion (Shridhar et al.
2022, arXiv:2211.12835): the number of steps, their expressions or operators, predicted by a task of
its own. Rows that are told something gold, `oracle` (the sub-questions) and `guided` (the
guidance), are upper bounds and reported beside the main one.

Differs from the paper: its code and its exact prompts are not published, those here are settings;
the last step is followed by the gold answer, so that a single sub-question, the question itself, is
Fine-tune-CoT; a decomposition without a sub-question is that one; the checkpoint is chosen on a
development split. The solver is trained on the history of the data and tested on its own; with
`own_history` the second half of its training has, before that share of the rationales' steps, what
it said itself after the first half (in the manner of DAgger, Ross et al. 2011, arXiv:1011.0686):
the steps to learn stay those of the data, also after a wrong one.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from cotkd.asking import Prompting
from cotkd.errors import DataError
from cotkd.filters.base import Filter
from cotkd.filters.correct import Correct
from cotkd.filters.steps_valid import StepsValid
from cotkd.filters.subquestions import Subquestions
from cotkd.formats.marked import Marked
from cotkd.methods.base import Asking, Member, Method, gold_solution
from cotkd.methods.socratic_dialogue import DELIMITER, Guidance, OneText, SocraticDialogue, step_of
from cotkd.questions.subquestions import Pairs, parse_pairs, unusable, write_pairs
from cotkd.rationales.by_question import by_question
from cotkd.teachers.elicitation import Elicitation
from cotkd.teachers.elicitation import Socratic as SocraticElicitation
from cotkd.types import Architecture, Example, Question, Rationale

log = logging.getLogger(__name__)

_Source = tuple[Question, Rationale]


class Socratic(Method):
    """A decomposer and a solver, as two models, as two tasks of one, or in one text."""

    paper: ClassVar[str] = "Shridhar et al. 2023, arXiv:2212.00193"

    kind: Literal["socratic"] = "socratic"
    scheme: Literal["iterative", "shared", "unified"] = "iterative"
    """Two models, one model with two tasks, or one text of sub-questions and steps in turn."""
    elicitation: Elicitation = SocraticElicitation()
    """How the teacher is asked for sub-questions and steps."""
    filters: tuple[Filter, ...] = (Correct(), Subquestions(), StepsValid())
    """Right answers, lines that split, no step that does not compute."""
    data: Literal["teacher", "gold"] = "teacher"
    """Whose sub-questions are trained on: the teacher's, or those that the questions come with."""
    decomposer: str | None = None
    """Base model of the decomposer of `iterative`; null takes the student's, which solves."""
    decompose: Marked = Marked(
        suffix="\n[subquestions]", separator="", template="{rationale}", task="decompose"
    )
    """How the student is asked for the sub-questions, one a line."""
    solve: Marked = Marked(task="solve")
    """How it writes the last step with the answer; asked so where the question is not broken up."""
    unified: Marked = Marked(task="unified")
    """How it is asked for everything at once."""
    guidance: Guidance = "none"
    """What the decomposer is told beside the question, after predicting it."""
    guide: Marked = Marked(suffix="\nFacts:", separator="", template="{rationale}", task="guide")
    """How the student is asked for the guidance, and what the decomposer reads before it."""
    most: int = Field(12, ge=1)
    """Sub-questions solved at most, however many the decomposer writes."""
    own_history: float = Field(0.0, ge=0, le=1)
    """Share of rationales before whose steps, in the second half of the training, the solver reads
    what it said itself after the first; what it learns to say stays the teacher's."""

    @model_validator(mode="after")
    def _solves_apart(self) -> Socratic:
        if self.own_history and self.scheme == "unified":
            raise ValueError(
                f"own_history={self.own_history} is for a solver: scheme unified has one text, "
                "take iterative or shared"
            )
        return self

    @property
    def heads(self) -> dict[str, Prompting]:
        """The answer by predicted sub-questions, then what is told something gold."""
        if self.scheme == "unified":
            return {"answer": OneText(self.unified)}
        guided = {"guided": replace(self._dialogue, told="guidance")}
        return {
            "answer": self._dialogue,
            "oracle": replace(self._dialogue, told="subquestions"),
            **({} if self.guidance == "none" else guided),
        }

    @property
    def _dialogue(self) -> SocraticDialogue:
        return SocraticDialogue(self.solve, self.decompose, self.guide, self.guidance, self.most)

    @property
    def uses_teacher(self) -> bool:
        """Whether the sub-questions are the teacher's."""
        return self.data == "teacher"

    @property
    def streams(self) -> tuple[Asking, ...]:
        """The one way of asking for sub-questions; none where gold ones are trained on."""
        return super().streams if self.uses_teacher else ()

    @property
    def members(self) -> tuple[Member, ...]:
        """Solver and decomposer of `iterative`."""
        if self.scheme != "iterative":
            return ()
        parts = (self.decompose.task, self.guide.task)
        return (Member("solver", (self.solve.task,)), Member("decomposer", parts, self.decomposer))

    def examples(
        self,
        questions: Mapping[str, Question],
        rationales: Sequence[Rationale],
        *,
        architecture: Architecture,
    ) -> list[Example]:
        """Return the examples of every rationale that splits into sub-questions and steps.

        Raises:
            DataError: none does.
        """
        rows, lost = self._usable(questions, rationales)
        for question, row in lost:
            log.warning("%s is not trained on: %s", question.id, _rejects(row))
        return [
            example
            for question, row in rows
            for example in self._examples(question, row, architecture)
        ]

    @property
    def rehearses(self) -> bool:
        """Whether the solver is also trained on histories of its own."""
        return self.own_history > 0

    def rehearsed(
        self,
        questions: Mapping[str, Question],
        rationales: Sequence[Rationale],
        ask: Callable[[Sequence[Question], Prompting], list[list[str]]],
        *,
        architecture: Architecture,
    ) -> list[Example]:
        """Return the examples again, some with the solver's own steps before those to learn.

        It is asked the sub-questions of these rationales, as an oracle is. Which ones they are
        depends on the rationale alone.
        """
        rows, _ = self._usable(questions, rationales)
        chosen = [each for each in rows if _draw(each[1]) < self.own_history]
        asked = [
            question.model_copy(update={"steps": parse_pairs(row.text)}) for question, row in chosen
        ]
        said = zip((row.key for _, row in chosen), ask(asked, self.heads["oracle"]), strict=True)
        own = {key: tuple(map(step_of, replies)) for key, replies in said}
        return [
            example
            for question, row in rows
            for example in self._examples(question, row, architecture, own.get(row.key, ()))
        ]

    def _usable(
        self, questions: Mapping[str, Question], rationales: Sequence[Rationale]
    ) -> tuple[list[_Source], list[_Source]]:
        """Return what splits into sub-questions and steps, and what does not."""
        found = [(q, row) for q, own in self._rows(questions, rationales) for row in own]
        rows = [each for each in found if _rejects(each[1]) is None]
        if not rows:
            raise DataError(self._none_splits(questions, rationales))
        return rows, [each for each in found if _rejects(each[1]) is not None]

    def _rows(
        self, questions: Mapping[str, Question], rationales: Sequence[Rationale]
    ) -> Iterator[tuple[Question, list[Rationale]]]:
        if self.data == "teacher":
            yield from by_question(questions, rationales)
            return
        for question in questions.values():
            text = question.rationale  # where not every line splits, which is then reported
            if question.steps:
                text = write_pairs(question.steps, where=question.id)
            yield question, gold_solution(question.model_copy(update={"rationale": text}))

    def _none_splits(
        self, questions: Mapping[str, Question], rationales: Sequence[Rationale]
    ) -> str:
        if self.data == "gold":
            return (
                f"method socratic: none of {len(questions)} questions comes with sub-questions: "
                "take a set that does, such as gsm8k-socratic, or method.data=teacher"
            )
        rows = [row for _, own in by_question(questions, rationales) for row in own]
        first = f" ({rows[0].question_id}: {unusable(rows[0].text)})" if rows else ""
        return (
            f"method socratic: none of {len(rows)} rationales has a sub-question before every "
            f"step{first}: ask for them with method.elicitation=socratic, or take method.data=gold"
        )

    def _examples(
        self,
        question: Question,
        row: Rationale,
        architecture: Architecture,
        own: Sequence[str] = (),
    ) -> Iterator[Example]:
        if self.scheme == "unified":
            yield self.unified.example(question, row, architecture)
            return
        pairs = tuple((q.strip(), step.strip()) for q, step in parse_pairs(row.text))
        guidance = self._dialogue.guidance_of(pairs)
        if guidance:
            yield self.guide.example(question, _says(row, guidance), architecture)
        subquestions = "\n".join(each for each, _ in pairs)
        guided = self._dialogue.guided(question, guidance)
        yield self.decompose.example(guided, _says(row, subquestions), architecture)
        for number in range(len(pairs)):
            yield self._step_example(question, row, pairs, number, architecture, own)

    def _step_example(
        self,
        question: Question,
        row: Rationale,
        pairs: Pairs,
        number: int,
        architecture: Architecture,
        own: Sequence[str],
    ) -> Example:
        """Return the example of one step, after those before it: the solver's own, or gold."""
        asked, step = pairs[number]
        before = tuple((q, own[at] if own else gold) for at, (q, gold) in enumerate(pairs[:number]))
        last = number == len(pairs) - 1
        head = self.solve if last else self.solve.model_copy(update={"template": "{rationale}"})
        example = head.example(question, _says(row, step), architecture)
        return example.model_copy(
            update={
                "example_id": f"{example.example_id}/{number}",
                "dialogue": example.example_id,
                "input": self._dialogue.step_prompt(question, before, asked, architecture),
            }
        )


def _rejects(row: Rationale) -> str | None:
    return "holds the delimiter" if DELIMITER in row.text else unusable(row.text)


def _draw(row: Rationale) -> float:
    """Return a number in [0, 1) that depends on a rationale's key alone."""
    return random.Random("/".join(map(str, row.key))).random()


def _says(row: Rationale, text: str) -> Rationale:
    return row.model_copy(update={"text": text})
