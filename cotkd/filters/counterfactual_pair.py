"""Keeps pairs of a rationale to the right answer and one to a wrong answer, both of them sound.

    told 12   "3 * 4 = <<3*4=12>>12 eggs."            ┐ a pair
    told 15   "3 + 12 = <<3+12=15>>15 eggs."          ┘
    told 15   "3 * 4 = <<3*4=15>>15 eggs."            dropped: wrong step
    told 15   "3 * 4 = <<3*4=12>>12 eggs."            dropped: does not arrive at its answer

Counterfactual training (SCOTT) learns that another rationale leads to another answer; a rationale
that does not support the wrong answer which it was asked for teaches the contrary. A rationale
supports its answer, the `condition` that the teacher was told, where no annotated step is wrong and
the last step arrives at it. Few teachers find sound arithmetic to a wrong number, and those of the
paper were not asked to: with `counterfactual_steps: any` arriving is enough. Of one question the
first such rationale to the gold answer goes with the first to a wrong one, the second with the
second; those left over are dropped.

Rationales to wrong answers have the verdict `wrong`: leave out `correct` before this filter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from cotkd.filters.base import Filter, Questions, Rationales, Scope
from cotkd.filters.last_value import last_value, same_answer
from cotkd.rationales.number import agree, parse_number
from cotkd.types import Key, Question, Rationale
from cotkd.verify.steps import verify_steps


class CounterfactualPair(Filter):
    """Drops rationales without a sound counterpart to another answer.

    It goes behind `per_question` and the like: a limit behind it can part a pair.
    """

    title: ClassVar[str] = "sound pairs to the right and to a wrong answer"
    source: ClassVar[str] = "Wang et al. 2023, arXiv 2305.01879"
    scope: ClassVar[Scope] = "question"

    kind: Literal["counterfactual_pair"] = "counterfactual_pair"
    uncheckable: Literal["keep", "drop"] = "drop"
    """What happens to rationales of which no last step can be read, such as yes/no questions."""
    counterfactual_steps: Literal["sound", "any"] = "sound"
    """Whether a rationale to a wrong answer may hold a wrong step, as long as it arrives there."""

    def drop(self, rationales: Rationales, questions: Questions) -> dict[Key, str]:
        """Return what belongs to no pair."""
        dropped: dict[Key, str] = {}
        right: dict[str, list[Key]] = {}
        wrong: dict[str, list[Key]] = {}
        for row in rationales:
            told_gold = _told_gold(row, questions)
            fault = self._fault(row, sound=told_gold or self.counterfactual_steps == "sound")
            if fault is not None:
                dropped[row.key] = fault
                continue
            side = right if told_gold else wrong
            side.setdefault(row.question_id, []).append(row.key)
        return dropped | _unpaired(right, wrong)

    def _fault(self, row: Rationale, *, sound: bool) -> str | None:
        if row.condition is None:
            return "no answer was given"
        if sound and any(check.status == "wrong" for check in verify_steps(row.text)):
            return "wrong step"
        value, told = last_value(row.text), parse_number(row.condition)
        if value is None or told is None:
            return "no last step to compare" if self.uncheckable == "drop" else None
        return None if agree(value, told) else "does not arrive at its answer"


def _told_gold(row: Rationale, questions: Mapping[str, Question]) -> bool:
    """Whether the teacher was told the gold answer, as far as question or verdict know it."""
    question = questions.get(row.question_id)
    gold = question.answer if question is not None else row.verdict.expected
    return gold is not None and same_answer(row.condition or "", gold)


def _unpaired(
    right: Mapping[str, Sequence[Key]], wrong: Mapping[str, Sequence[Key]]
) -> dict[Key, str]:
    dropped: dict[Key, str] = {}
    for name in right.keys() | wrong.keys():
        pairs = min(len(right.get(name, ())), len(wrong.get(name, ())))
        dropped |= dict.fromkeys(right.get(name, ())[pairs:], "no counterpart to a wrong answer")
        dropped |= dict.fromkeys(wrong.get(name, ())[pairs:], "no counterpart to the right answer")
    return dropped
