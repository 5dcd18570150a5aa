"""Keeps rationales whose last step arrives at the answer that they state.

    "16 - 7 = <<16-7=9>>9 eggs are left. The answer is 9."    9 and 9: kept
    "16 - 7 = <<16-7=9>>9 eggs are left. The answer is 18."   9 and 18: dropped, even if 18 is right

Where the answer is a label, as in yes/no or multiple choice, `arrives_at: solution` asks instead
that the last step arrives where the gold solution's does:

    "85 - 26 = <<85-26=59>>59. The answer is yes."            59, and 69 is asked about: dropped

The last step is the last equation, annotated or plain. Numbers are compared exactly. Rationales
without an equation, and those of which no answer was read, cannot be checked. A rationale that goes
on calculating after its answer, to check it, is dropped; so is one that rounds in words. Of the
gold solutions of GSM8K, 99 % are kept (8,703 of 8,792).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from cotkd.filters.base import RowFilter
from cotkd.filters.last_value import last_value
from cotkd.rationales.number import agree, parse_number
from cotkd.types import Question, Rationale


class Consistency(RowFilter):
    """Drops rationales whose last step is not their answer, or not that of the gold solution."""

    title: ClassVar[str] = "the last step arrives at the stated answer, or at the solution's"

    kind: Literal["consistency"] = "consistency"
    uncheckable: Literal["keep", "drop"] = "keep"
    """What happens to rationales without an equation or without a number to compare it with."""
    arrives_at: Literal["answer", "solution"] = "answer"
    """The answer that the rationale states, or the value of the question's gold solution."""

    def fault(self, row: Rationale, questions: Mapping[str, Question]) -> str | None:
        """Return how a rationale contradicts itself."""
        if self.arrives_at == "answer":
            wanted = parse_number(row.answer) if row.answer is not None else None
        else:
            wanted = last_value(questions[row.question_id].rationale or "")
        value = last_value(row.text)
        if wanted is None or value is None:
            return "no last step to compare" if self.uncheckable == "drop" else None
        return None if agree(value, wanted) else f"last step contradicts the {self.arrives_at}"
