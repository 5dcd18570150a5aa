"""Keeps rationales in which no equation is wrong, annotated or written out.

Dropped, even if 18 is right: "3 * 10 = <<3*10=13>>13, so 13 + 5 = <<13+5=18>>18".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from cotkd.filters.base import RowFilter
from cotkd.types import Question, Rationale
from cotkd.verify.steps import verify_steps


class StepsValid(RowFilter):
    """Drops rationales with a wrong equation."""

    title: ClassVar[str] = "no equation is wrong"
    source: ClassVar[str] = "Yuan et al. 2023, arXiv 2308.01825"

    kind: Literal["steps_valid"] = "steps_valid"
    uncheckable: Literal["keep", "drop"] = "keep"
    """What happens to rationales with an equation that is not arithmetic, such as `<<x+2=5>>`."""
    unannotated: Literal["keep", "drop"] = "keep"
    """What happens to rationales without any annotation."""

    def fault(self, row: Rationale, questions: Mapping[str, Question]) -> str | None:
        """Return what is unsound about the steps."""
        checks = verify_steps(row.text)
        statuses = {check.status for check in checks}
        if "wrong" in statuses:
            return "wrong step"
        if "uncheckable" in statuses and self.uncheckable == "drop":
            return "uncheckable step"
        annotated = self.unannotated == "keep" or any(check.annotated for check in checks)
        return None if annotated else "no annotated step"
