r"""A format of training data that another trainer reads.

    Export.parse({"kind": "messages"}).rows(group)
    -> {"messages": [{"role": "user", "content": "Ann has 3 boxes …"},
                     {"role": "assistant", "content": "There are 3*4 = 12.\n#### 12"}]}

The answer that ends a right solution is the gold string, never the teacher's spelling of it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from cotkd.config import Choice
from cotkd.interop.curated import Group
from cotkd.teachers.elicitation.template import QuestionTemplate, SolutionTemplate, fill
from cotkd.types import Question, Rationale


class Export(Choice):
    """How kept rationales are written for another trainer."""

    title: ClassVar[str]
    """What it is, in a few words."""
    source: ClassVar[str]
    """Who reads it."""
    entry: ClassVar[Mapping[str, Any]] = {}
    """What LLaMA-Factory's `dataset_info.json` says of such a file, apart from its name."""

    question: QuestionTemplate = "{question}"
    """How the question is put."""
    solution: SolutionTemplate = "{rationale}\n#### {answer}"
    """How rationale and final answer are written."""

    @abstractmethod
    def rows(self, group: Group) -> Iterator[dict[str, Any]]:
        """Yield the rows of one question."""

    def asked(self, question: Question) -> str:
        """Return what the student is asked."""
        return fill(self.question, question=question.text.strip())

    def solved(self, question: Question, row: Rationale) -> str:
        """Return a right rationale, closed by the gold answer."""
        return fill(self.solution, rationale=row.text.strip(), answer=question.answer.strip())

    def failed(self, row: Rationale) -> str:
        """Return a wrong rationale, closed by its own answer."""
        assert row.answer is not None
        return fill(self.solution, rationale=row.text.strip(), answer=row.answer)


class Supervised(Export):
    """A format with a row for each right rationale."""

    @abstractmethod
    def row(self, asked: str, solved: str) -> dict[str, Any]:
        """Return the row of a question and its solution."""

    def rows(self, group: Group) -> Iterator[dict[str, Any]]:
        """Yield a row for each right rationale."""
        for row in group.right:
            yield self.row(self.asked(group.question), self.solved(group.question, row))


def turn(role: str, content: str) -> dict[str, str]:
    """Return a message as TRL and OpenAI write it."""
    return {"role": role, "content": content}
