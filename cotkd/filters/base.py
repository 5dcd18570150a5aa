r"""A filter says which rationales do not become training data, and why.

    class Short(Filter):
        "Drops rationales of more than `lines` lines."
        kind: Literal["short"] = "short"
        lines: int = Field(8, ge=1)
        "Lines at most."

        def drop(self, rationales, questions):
            long = (row for row in rationales if row.text.count("\n") >= self.lines)
            return {row.key: "too many lines" for row in long}

Defining the class registers it: `cotkd.select(rationales, ["short"])`.

A filter that judges by a model names its scores in `weighs` and computes them in `weigh`; `select`
puts them on the rows, and `drop` reads them there. What a filter must know of rationales that
others may drop before its turn, it says in `observe`, which sees all of them before the first
filter.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal, NamedTuple

from cotkd.config import Choice
from cotkd.types import Key, Question, Rationale, Scorer

Scope = Literal["row", "question", "dataset"]
Rationales = Sequence[Rationale]
Questions = Mapping[str, Question]
"""By id."""


class Weighed(NamedTuple):
    """What a model says of one rationale."""

    scores: dict[str, float]
    """By name, one for each in `Filter.weighs`."""
    tokens: tuple[tuple[str, float], ...] = ()
    """Text and value of each token, for the report; of some rationales only, or of none."""


class Filter(Choice):
    """Chooses rationales to drop. Deterministic, order-stable, and idempotent."""

    title: ClassVar[str] = ""
    """What it is, in a few words."""
    source: ClassVar[str] = "cotkd"
    """The paper it comes from, or `cotkd`."""
    weighs: ClassVar[tuple[str, ...]] = ()
    """Scores that it gives to rationales with a model, before it drops any."""
    scope: ClassVar[Scope] = "dataset"
    """What a decision on a rationale depends on: it alone, the others of its question, or all.

    Data larger than memory needs filters that look at no more than a question."""

    def observe(self, rationales: Rationales, questions: Questions) -> dict[Key, dict[str, float]]:
        """Return scores of rationales, computed from all that are there before any is dropped.

        `select` puts them on the rows, so that a second selection, which sees only what the first
        one kept, finds them there: rows that have such a score already are to be left alone.
        """
        return {}

    def weigh(
        self, rationales: Rationales, questions: Questions, scorer: Scorer
    ) -> dict[Key, Weighed]:
        """Return the scores named in `weighs` of every rationale."""
        raise NotImplementedError

    @abstractmethod
    def drop(self, rationales: Rationales, questions: Questions) -> dict[Key, str]:
        """Return the keys to drop with a short reason each.

        Reasons are counted up to their first colon: what follows is of one rationale only, as in
        `overlaps gsm8k: gsm8k-test-00017`.
        """


class RowFilter(Filter):
    """A filter that judges each rationale by itself."""

    scope: ClassVar[Scope] = "row"

    @abstractmethod
    def fault(self, row: Rationale, questions: Questions) -> str | None:
        """Return why a rationale is dropped; None for one that is kept."""

    def drop(self, rationales: Rationales, questions: Questions) -> dict[Key, str]:
        """Return the rationales with a fault."""
        reasons = ((row.key, self.fault(row, questions)) for row in rationales)
        return {key: reason for key, reason in reasons if reason is not None}
