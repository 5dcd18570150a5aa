r"""Socratic CoT at test time: sub-questions first, then one step at a time.

turn(question, ())                                      "Ann has …\n[subquestions]"
turn(question, ("How many eggs?\nHow many are left?",)) "Ann has …\nHow many eggs? **"
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple

from cotkd.asking import Prompting, Reply, Turn
from cotkd.evaluation.decomposition import decomposition_metrics
from cotkd.evaluation.run import Metric
from cotkd.formats.marked import Marked
from cotkd.questions.solution import SUBQUESTION_MARKER
from cotkd.questions.subquestions import Pairs
from cotkd.rationales.steps import equations
from cotkd.types import Architecture, Question

DELIMITER = "-->"
"""Stands between the last step and the answer."""
Guidance = Literal["none", "steps", "equations", "operators"]
_BETWEEN = re.compile(r"\s*\n\s*")


class OneText(Reply):
    """Sub-questions and steps in one reply."""

    def metrics(self, questions: Sequence[Question]) -> dict[str, Metric]:
        """Return how the questions were broken up, and where wrong answers went wrong."""
        return decomposition_metrics(questions)


class _Known(NamedTuple):
    """What a dialogue has come to; None is what was not said yet."""

    guidance: str | None = None
    subquestions: tuple[str, ...] | None = None
    steps: tuple[str, ...] = ()


@dataclass(frozen=True)
class SocraticDialogue(Prompting):
    """A decomposer is asked for guidance and sub-questions, a solver for each step (`format`)."""

    converses: ClassVar[bool] = True
    format: Marked
    decompose: Marked
    guide: Marked
    guidance: Guidance
    most: int
    told: Literal["nothing", "guidance", "subquestions"] = "nothing"
    """What of the gold solution takes the place of the decomposer's own."""

    @property
    def oracle(self) -> bool:
        """Whether it is told guidance or sub-questions."""
        return self.told != "nothing"

    def asks(self, question: Question) -> bool:
        """Return whether the question has the gold sub-questions that are told."""
        return not self.oracle or bool(question.steps)

    def metrics(self, questions: Sequence[Question]) -> dict[str, Metric]:
        """Return how the questions were broken up, and where wrong answers went wrong."""
        return decomposition_metrics(questions, told=self.told == "subquestions")

    def turn(
        self, question: Question, said: Sequence[str], architecture: Architecture
    ) -> Turn | None:
        """Return what is asked next: guidance, sub-questions, then a step at a time."""
        known = self._known(question, said)
        if known.guidance is None:
            return Turn.of(self.guide, question, architecture)
        if known.subquestions is None:
            return Turn.of(self.decompose, self.guided(question, known.guidance), architecture)
        if len(known.steps) == len(known.subquestions):
            return None
        history = tuple(zip(known.subquestions, known.steps, strict=False))
        asked = known.subquestions[len(history)]
        first = Turn.of(self.format, question, architecture)
        return first._replace(prompt=self.step_prompt(question, history, asked, architecture))

    def conclusion(self, question: Question, rationale: str, architecture: Architecture) -> Turn:
        """Return the last step's prompt and what is said of it up to the answer."""
        before, marker, step = rationale.strip().rpartition(SUBQUESTION_MARKER)
        asked = Turn.of(self.format, question, architecture)
        if marker:
            lead = self._lead(question)
            asked = asked._replace(prompt=f"{lead}\n{before}{SUBQUESTION_MARKER.rstrip()}")
        said = f"{step} {DELIMITER}"
        if architecture == "decoder":
            return asked._replace(prompt=f"{asked.prompt} {said}")
        return asked._replace(opening=f"{asked.opening} {said}" if asked.opening else said)

    def transcript(self, question: Question, said: Sequence[str]) -> str:
        """Return sub-questions and steps, one pair a line, with the answer at the end."""
        known = self._known(question, said)
        pairs = zip(known.subquestions or (), known.steps, strict=True)
        _, marker, answer = said[-1].partition(DELIMITER)
        ending = f" {marker} {answer.strip()}" if marker else ""
        return "\n".join(SUBQUESTION_MARKER.join(pair) for pair in pairs) + ending

    def guidance_of(self, pairs: Sequence[tuple[str, str]]) -> str:
        """Return what the decomposer is told of these steps; nothing without guidance."""
        if self.guidance == "none":
            return ""
        if self.guidance == "steps":
            return str(len(pairs))
        found = [each.key.partition("=")[0] for _, step in pairs for each in equations(step)]
        if self.guidance == "operators":
            found = [sign for expression in found for sign in re.findall(r"[-+*/]", expression)]
        return " ".join(found) or "none"

    def guided(self, question: Question, guidance: str) -> Question:
        """Return the question as the decomposer reads it."""
        if not guidance:
            return question
        text = f"{question.text.strip()}{self.guide.suffix} {guidance}"
        return question.model_copy(update={"text": text})

    def step_prompt(
        self, question: Question, history: Pairs, asked: str, architecture: Architecture
    ) -> str:
        """Return the prompt of a step: each begins with that of the step before and its reply."""
        text = question.text.strip()
        if not history and asked == text:
            return self.format.input(question, architecture)
        before = "".join(f"{q}{SUBQUESTION_MARKER}{step}\n" for q, step in history)
        return f"{self._lead(question)}\n{before}{asked}{SUBQUESTION_MARKER.rstrip()}"

    def _lead(self, question: Question) -> str:
        return self.format.prefix + question.text.strip() + self.format.suffix

    def _known(self, question: Question, said: Sequence[str]) -> _Known:
        """Return what is known after the replies; it is asked for in this order."""
        rest = list(said)
        if self.told == "subquestions":
            gold = tuple(each.strip() for each, _ in question.steps or ())
            return _Known("", gold, tuple(map(step_of, rest)))
        guidance = ""
        if self.told == "guidance":
            guidance = self.guidance_of(question.steps or ())
        elif self.guidance != "none":
            if not rest:
                return _Known()
            guidance = one_line(rest.pop(0))
        if not rest:
            return _Known(guidance)
        found = subquestions_of(rest.pop(0))[: self.most] or (question.text.strip(),)
        return _Known(guidance, found, tuple(map(step_of, rest)))


def subquestions_of(reply: str) -> tuple[str, ...]:
    """Return the lines of a decomposition that say something.

    A tokenizer without line breaks leaves one line, which is cut after question marks.
    """
    lines = _BETWEEN.split(reply.strip())
    if len(lines) == 1:
        lines = re.split(r"(?<=\?)\s+", lines[0])
    return tuple(line for line in lines if line)


def step_of(reply: str) -> str:
    """Return a step as the prompts of the next ones hold it: one line, without an answer."""
    return one_line(reply.partition(DELIMITER)[0])


def one_line(reply: str) -> str:
    """Return a reply without line breaks and outer white space."""
    return _BETWEEN.sub(" ", reply.strip())
