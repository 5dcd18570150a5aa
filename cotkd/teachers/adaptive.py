"""Which questions have enough right samples, and are asked no more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from pydantic import Field

from cotkd.config import Config
from cotkd.types import Completion, Question

Judge = Callable[[Question, Completion], str | None]
"""Names the reasoning of a right sample, so that distinct ones can be counted; None if wrong."""


class Adaptive(Config):
    """Stops asking a question that has enough right answers (adaptive k)."""

    correct: int = Field(1, ge=1)
    """Distinct right rationales of a question that are enough."""
    wave: int = Field(2, ge=1)
    """Samples of a question asked for before it is looked at again."""


class Right:
    """Which samples of a question are right, and which of them reason differently."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._found: dict[str, list[tuple[int, int, str]]] = defaultdict(list)

    def add(self, question: Question, row: Completion, stage: int) -> None:
        """Look at one sample."""
        reasoning = self._judge(question, row)
        if reasoning is not None:
            self._found[question.id].append((stage, row.sample_index, reasoning))

    def count(self, question_id: str, before_stage: int) -> int:
        """Return the right samples of earlier stages."""
        return sum(stage < before_stage for stage, _, _ in self._found.get(question_id, ()))

    def distinct(self, question_id: str, stage: int, before: int) -> int:
        """Return the distinct right samples of a stage whose number is below `before`."""
        found = self._found.get(question_id, ())
        return len({name for at, index, name in found if at == stage and index < before})
