"""Keeps the most different rationales of each question.

Of four rationales, two of which calculate the same in other words, `keep: 3` drops the later of
those two. The first rationale is kept, then again and again the one that is farthest from its
nearest kept neighbour (greedy max-min), of equals the earlier. Distance: `cotkd.filters.distance`.

Rejection-sampling fine-tuning (RFT) chooses otherwise: among rationales with the same list of
equations it keeps the one with the largest sum of edit distances to all other chains, which favours
outliers and sets no number; `distinct` before `diverse` comes closest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from pydantic import Field

from cotkd.filters.base import Filter, Questions, Rationales, Scope
from cotkd.filters.distance import distance, tokens
from cotkd.types import Key, Rationale


class Diverse(Filter):
    """Drops rationales of a question beyond the `keep` most different ones."""

    title: ClassVar[str] = "the `keep` most different per question"
    source: ClassVar[str] = "after Yuan et al. 2023, arXiv 2308.01825"
    scope: ClassVar[Scope] = "question"

    kind: Literal["diverse"] = "diverse"
    keep: int = Field(4, ge=1)
    """Rationales kept per question."""

    def drop(self, rationales: Rationales, questions: Questions) -> dict[Key, str]:
        """Return the rationales that add least to those kept."""
        groups: dict[str, list[Rationale]] = {}
        for row in rationales:
            groups.setdefault(row.question_id, []).append(row)
        reason = f"less different than {self.keep} others"
        return {
            rows[at].key: reason
            for rows in groups.values()
            if len(rows) > self.keep
            for at in sorted(set(range(len(rows))) - set(spread([r.text for r in rows], self.keep)))
        }


def spread(texts: Sequence[str], count: int) -> list[int]:
    """Return the places of `count` texts, the first and those farthest from all before them."""
    compared = [tokens(text) for text in texts]
    nearest = [float("inf")] * len(compared)
    chosen = [0] if compared and count else []
    while chosen and len(chosen) < min(count, len(compared)):
        last = compared[chosen[-1]]
        nearest[chosen[-1]] = -1.0
        for at, other in enumerate(compared):
            if nearest[at] > 0:
                nearest[at] = min(nearest[at], distance(last, other))
        chosen.append(max(range(len(compared)), key=nearest.__getitem__))
    return chosen
