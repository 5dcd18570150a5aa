r"""Drops rationales without any reasoning: blank texts.

Dropped: the rationale of "#### 12", which states an answer and says nothing else, that of a sample
that failed, and one of nothing but invisible characters.

Every selection ends its look at single rationales with this filter, named or not, since nothing can
be learned from an empty text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from cotkd.filters.base import Filter, Scope
from cotkd.types import Key, Question, Rationale

_INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
"""Unicode categories of characters that show nothing."""


class Empty(Filter):
    """Drops rationales of blank text."""

    title: ClassVar[str] = "there is any reasoning; every selection sees to it"
    scope: ClassVar[Scope] = "row"

    kind: Literal["empty"] = "empty"

    def drop(
        self, rationales: Sequence[Rationale], questions: Mapping[str, Question]
    ) -> dict[Key, str]:
        """Return the rationales that say nothing."""
        return {row.key: "no reasoning" for row in rationales if is_blank(row.text)}


def is_blank(text: str) -> bool:
    """Whether a text shows nothing at all."""
    return all(unicodedata.category(sign) in _INVISIBLE for sign in text)
