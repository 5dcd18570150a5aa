"""A filter of one stream among several: it sees the rationales of that stream and no others.

Methods that ask the teacher in several ways filter each apart; the funnel then reads

    factual: steps_valid          counterfactual: per_question
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Self

from cotkd.filters.base import Filter, Questions, Rationales, Weighed
from cotkd.types import Key, Rationale, Scorer


class Within(Filter):
    """Another filter, applied to some streams; made by a run, never named in settings."""

    kind: str
    """`STREAM: FILTER`, as the funnel shows it."""
    streams: frozenset[str]
    """Streams on disk that are filtered."""
    chosen: Filter
    """What filters them."""

    @classmethod
    def around(cls, name: str, streams: Iterable[str], chosen: Filter) -> Self:
        """Return `chosen` for the streams that a method calls `name`."""
        return cls(kind=f"{name}: {chosen.kind}", streams=frozenset(streams), chosen=chosen)

    @property
    def weighs(self) -> tuple[str, ...]:  # type: ignore[override]
        """Scores that the filter gives; rows of other streams lack them."""
        return type(self.chosen).weighs

    def observe(self, rationales: Rationales, questions: Questions) -> dict[Key, dict[str, float]]:
        """Return the scores that the filter gives to its streams."""
        return self.chosen.observe(self._own(rationales), questions)

    def weigh(
        self, rationales: Rationales, questions: Questions, scorer: Scorer
    ) -> dict[Key, Weighed]:
        """Return the filter's scores of its streams; rows of others get none."""
        found = dict.fromkeys((row.key for row in rationales), Weighed({}))
        return found | self.chosen.weigh(self._own(rationales), questions, scorer)

    def drop(self, rationales: Rationales, questions: Questions) -> dict[Key, str]:
        """Return what the filter drops of its streams."""
        return self.chosen.drop(self._own(rationales), questions)

    def _own(self, rationales: Sequence[Rationale]) -> list[Rationale]:
        return [row for row in rationales if row.stream in self.streams]
