"""Keeps rationales in which no equation is wrong, annotated or written out.

Dropped, even if 18 is right: "3 * 10 = <<3*10=13>>13, so 13 + 5 = <<13+5=18>>18".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from cotkd.filters.base import Filter, Scope
from cotkd.types import Key, Question, Rationale
from cotkd.verify.steps import verify_steps


class StepsValid(Filter):
    """Drops rationales with a wrong equation."""

    title: ClassVar[str] = "no equation is wrong"
    source: ClassVar[str] = "Yuan et al. 2023, arXiv 2308.01825"
    scope: ClassVar[Scope] = "row"

    kind: Literal["steps_valid"] = "steps_valid"
    uncheckable: Literal["keep", "drop"] = "keep"
    """What happens to rationales with an equation that is not arithmetic, such as `<<x+2=5>>`."""
    unannotated: Literal["keep", "drop"] = "keep"
    """What happens to rationales without any annotation."""

    def drop(
        self, rationales: Sequence[Rationale], questions: Mapping[str, Question]
    ) -> dict[Key, str]:
        """Return the rationales with unsound steps."""
        reasons = ((row.key, self._fault(row.text)) for row in rationales)
        return {key: reason for key, reason in reasons if reason is not None}

    def _fault(self, text: str) -> str | None:
        checks = verify_steps(text)
        statuses = {check.status for check in checks}
        if "wrong" in statuses:
            return "wrong step"
        if "uncheckable" in statuses and self.uncheckable == "drop":
            return "uncheckable step"
        annotated = self.unannotated == "keep" or any(check.annotated for check in checks)
        return None if annotated else "no annotated step"
