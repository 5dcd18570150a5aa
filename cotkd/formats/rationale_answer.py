"""Rationale and answer in one target: Fine-tune-CoT (Ho et al. 2023, arXiv 2212.10071).

    rationale_first   " There are 3*4=12 eggs. --> 12"
    answer_first      " 12 --> There are 3*4=12 eggs."

The answer is the gold string, never the teacher's spelling of it. A rationale that holds the
delimiter could not be read back and is rejected.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from cotkd.formats.base import Format, after_input
from cotkd.types import Architecture, Example, Question, Rationale


class RationaleAnswer(Format):
    """The target holds the teacher's rationale and the gold answer; one example per rationale."""

    kind: Literal["rationale_answer"] = "rationale_answer"
    order: Literal["rationale_first", "answer_first"] = "rationale_first"
    """Which comes first in the target."""
    delimiter: str = Field("-->", min_length=1)
    """Stands between rationale and answer."""

    def target(self, question: Question, rationale: Rationale | None) -> str:
        """Return rationale, delimiter and gold answer in the chosen order."""
        return "".join(self._parts(question, rationale))

    def answer_part(self, text: str) -> str:
        """Return what stands before the delimiter where the answer comes first, else all of it."""
        return text.partition(self.delimiter)[0] if self.order == "answer_first" else text

    @property
    def explains(self) -> bool:
        """Yes."""
        return True

    def before_answer(self, rationale: str) -> str | None:
        """Return rationale and delimiter, None where the answer comes first."""
        return f"{rationale.strip()} {self.delimiter}" if self.order == "rationale_first" else None

    def rejects(self, rationale: Rationale) -> str | None:
        """Return "empty rationale" or "holds the delimiter", None for a usable rationale."""
        if not rationale.text.strip():
            return "empty rationale"
        return "holds the delimiter" if self.delimiter in rationale.text else None

    def examples(
        self, question: Question, rationales: Sequence[Rationale], architecture: Architecture
    ) -> list[Example]:
        """Return one example per rationale that can be written in this format."""
        usable = (rationale for rationale in rationales if self.rejects(rationale) is None)
        return [self._example(question, rationale, architecture) for rationale in usable]

    def _parts(self, question: Question, rationale: Rationale | None) -> tuple[str, str]:
        reason = "no rationale" if rationale is None else self.rejects(rationale)
        if rationale is None or reason is not None:
            raise ValueError(f"question {question.id}: {reason}")
        reasoning, answer = rationale.text.strip(), question.answer.strip()
        if self.order == "rationale_first":
            return reasoning, f" {self.delimiter} {answer}"
        return f"{answer} {self.delimiter}", f" {reasoning}"

    def _example(
        self, question: Question, rationale: Rationale, architecture: Architecture
    ) -> Example:
        first, second = self._parts(question, rationale)
        first = after_input(first, architecture)
        target = first + second
        answer_last = self.order == "rationale_first"
        return Example(
            example_id=f"{question.id}/{rationale.stream}/{rationale.sample_index}",
            question_id=question.id,
            stream=rationale.stream,
            sample_index=rationale.sample_index,
            task="rationale_answer",
            input=self.input(question, architecture),
            target=target,
            answer_span=(len(first), len(target)) if answer_last else (0, len(first)),
        )
