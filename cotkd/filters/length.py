"""Keeps rationales of a usual length: between bounds, and near the median of their question.

    words to a question: 40, 44, 52, 130     median 44     130 is three times as long: too verbose

A length is counted in words (between white space), characters, steps (lines; sentences where the
text is one paragraph) or tokens of a named model, since they differ from one to the next; those of
a completion are more than those of its rationale: answer statement, thinking. The median is
that of all rationales that a selection begins with; each row carries its share of it as a score
such as `words_to_median`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from statistics import median_low
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from cotkd.decoding.checkpoints import load_tokenizer
from cotkd.decoding.text import encode_continuations
from cotkd.filters.base import Filter, Questions, Rationales, Scope
from cotkd.rationales.steps import steps
from cotkd.types import Key, Rationale

Unit = Literal["words", "characters", "steps", "tokens"]

_COUNT: dict[str, Callable[[str], int]] = {
    "words": lambda text: len(text.split()),
    "characters": len,
    "steps": lambda text: len(steps(text)),
}
_tokenizer = cache(load_tokenizer)


class Length(Filter):
    """Drops rationales that are too short, too long, or unlike the others to their question."""

    title: ClassVar[str] = "neither terse nor verbose"
    scope: ClassVar[Scope] = "question"

    kind: Literal["length"] = "length"
    unit: Unit = "words"
    """What is counted."""
    tokenizer: str | None = None
    """Model whose tokens are counted, by folder or name; for unit `tokens` alone."""
    least: int = Field(1, ge=0)
    """Smallest length that is kept."""
    most: int | None = Field(None, ge=1)
    """Largest length that is kept; null for any."""
    band: tuple[float, float] | None = (0.5, 2.0)
    """Least and largest length as a share of the question's median; null for any."""

    @model_validator(mode="after")
    def _ordered(self) -> Length:
        if self.most is not None and self.least > self.most:
            raise ValueError(f"least {self.least} is more than most {self.most}")
        if self.band is not None and not 0 <= self.band[0] <= 1 <= self.band[1]:
            raise ValueError(f"band {list(self.band)} does not hold the median, 1")
        if (self.unit == "tokens") != (self.tokenizer is not None):
            raise ValueError(
                f"unit {self.unit!r} with tokenizer {self.tokenizer!r}: tokens are those"
                " of a model, so give both or neither"
            )
        return self

    @property
    def score(self) -> str:
        """Name of the score that holds a row's share of the median."""
        return f"{self.unit}_to_median"

    def observe(self, rationales: Rationales, questions: Questions) -> dict[Key, dict[str, float]]:
        """Return each row's length as a share of the median of its question."""
        if self.band is None:
            return {}
        lengths: dict[str, list[int]] = {}
        for row in rationales:
            lengths.setdefault(row.question_id, []).append(self._length(row))
        medians = {name: median_low(found) for name, found in lengths.items()}
        return {
            row.key: {self.score: _share(self._length(row), medians[row.question_id])}
            for row in rationales
            if self.score not in row.scores
        }

    def drop(self, rationales: Rationales, questions: Questions) -> dict[Key, str]:
        """Return the rationales outside the bounds or the band."""
        seen = self.observe(rationales, questions)
        dropped = {}
        for row in rationales:
            share = row.scores.get(self.score, seen.get(row.key, {}).get(self.score, 1.0))
            if (fault := self._fault(self._length(row), share)) is not None:
                dropped[row.key] = fault
        return dropped

    def _length(self, row: Rationale) -> int:
        if self.tokenizer is not None:
            return len(encode_continuations(_tokenizer(self.tokenizer), [row.text])[0])
        return _COUNT[self.unit](row.text)

    def _fault(self, length: int, share: float) -> str | None:
        if length < self.least:
            return f"fewer than {self.least} {self.unit}"
        if self.most is not None and length > self.most:
            return f"more than {self.most} {self.unit}"
        if self.band is None or self.band[0] <= share <= self.band[1]:
            return None
        return "terse for its question" if share < self.band[0] else "verbose for its question"


def _share(length: int, median: int) -> float:
    return 1.0 if length == median else length / max(1, median)
