r"""Mathematical answers: LaTeX, fractions, roots, intervals, sets, equations, matrices.

    text  "… so $x = \boxed{\frac{\sqrt{12}}{2}}$."    gold  "\sqrt{3}"       → correct
    text  "The answer is $(x+1)^2$."                      gold  "x^2 + 2x + 1"    → correct
    text  "… \boxed{9^{9^{9^{9}}}}"                      gold  "3"               → unparsed

The answer is found like that of `numeric`; where nothing marks it, the last LaTeX environment
counts, then the last number. Equal numbers are right and different integers wrong without further
ado, as are other bases, units and halves of the day (`math_forms`); everything else is compared by
math-verify (Kydlíček 2025) in processes of its own (`math_pool`), each with a limit on time and
memory: whatever hangs or swells is `unparsed` and delays no other text. Decimals are compared at
`decimals` places, so 0.333333 is 1/3. A gold answer that is words is compared as words.

`verify_all` keeps all workers busy; one text after the other, `verify`, uses one of them.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar, Literal, NamedTuple

from pydantic import Field

from cotkd.rationales.expression import (
    ABSTAINS,
    UNREAD,
    bare_words,
    expression_of,
    is_words,
    last_expression,
    last_number_of,
    plain_number,
)
from cotkd.rationales.extract import MARKERS, Extraction, find
from cotkd.rationales.gold import gold_answer
from cotkd.rationales.number import agree, parse_number
from cotkd.rationales.refusal import declines
from cotkd.rationales.statement import begins_with_value
from cotkd.rationales.text import MAX_ANSWER, Reading, clean
from cotkd.rationales.unfinished import breaks_off
from cotkd.types import Question, Verdict
from cotkd.verify.base import UNREADABLE_GOLD, Verifier
from cotkd.verify.math_forms import comparable, settled
from cotkd.verify.math_pool import Answer, Pool, pool
from cotkd.verify.text import whole

MAX_GOLD = 2_000
"""Characters of a gold answer that may be an expression as a whole."""
_CHUNK = 1_000


class _Task(NamedTuple):
    """Two expressions that only a worker can compare, and by which marker the text's was found."""

    gold: str
    text: str
    marker: str


class Math(Verifier):
    """The final expression of a text, compared symbolically in killable processes."""

    title: ClassVar[str] = "LaTeX and symbolic, by math-verify in killable processes"
    source: ClassVar[str] = "Kydlíček 2025, github.com/huggingface/Math-Verify"

    kind: Literal["math"] = "math"
    markers: tuple[str, ...] = MARKERS
    """Where the answer is looked for, in order; `number` is the last LaTeX or number of a text."""
    workers: int = Field(default_factory=lambda: min(8, os.cpu_count() or 1), ge=1, le=128)
    """Comparisons at a time, each in its own process."""
    seconds: float = Field(5.0, gt=0, le=3600)
    """Seconds of computing that one comparison may take; by the clock ten times as many."""
    memory_mb: int = Field(2048, ge=512)
    """Memory limit of a process."""
    decimals: int = Field(6, ge=0, le=15)
    """Places at which decimals are compared."""

    def verify(self, text: str, gold: str) -> Verdict:
        """Return the verdict on the final expression of `text`."""
        task = self._prepare(text, gold)
        return task if isinstance(task, Verdict) else self._compared(task)

    def verify_all(self, texts: Sequence[str], questions: Sequence[Question]) -> list[Verdict]:
        """Return the verdicts on many texts, with all workers at it."""
        verdicts: list[Verdict] = []
        for start in range(0, len(texts), _CHUNK):
            part = zip(
                texts[start : start + _CHUNK], questions[start : start + _CHUNK], strict=True
            )
            verdicts += self._chunk([self._prepare(text, q.answer) for text, q in part])
        return verdicts

    def reads(self, question: Question) -> bool:
        """Whether the gold answer is an expression, or words."""
        return _gold(question.answer) is not None or bare_words(question.answer) is not None

    def locate(self, text: str) -> tuple[int, int] | None:
        """Return the place of the final-answer statement; none where it was not marked."""
        found = self._find(text)
        if found is None or found.marker in ("number", "bold"):
            return None
        return found.start, found.end

    def _chunk(self, prepared: list[Verdict | _Task]) -> list[Verdict]:
        tasks = [each for each in prepared if isinstance(each, _Task)]
        if not tasks:
            return [each for each in prepared if isinstance(each, Verdict)]
        threads = min(self._pool().places, len(tasks))
        with ThreadPoolExecutor(threads) as executor:
            compared = executor.map(self._compared, tasks)
            return [e if isinstance(e, Verdict) else next(compared) for e in prepared]

    def _prepare(self, text: str, gold: str) -> Verdict | _Task:
        """Return the verdict where no worker is needed for it, else what to compare."""
        expected = _gold(gold)
        if expected is None:
            return self._in_words(text, gold)
        found = self._find(text)
        shown = _shown(expected)
        if found is None or found.value == UNREAD:
            reason = "no answer found" if found is None else "not readable as math"
            return Verdict(status="unparsed", expected=shown, reason=reason)
        value, marker = found.value, f"marker {found.marker}"
        if ABSTAINS in (value, expected):
            status: Literal["correct", "wrong"] = "correct" if value == expected else "wrong"
            return Verdict(status=status, extracted=_shown(value), expected=shown, reason=marker)
        return (
            _settled(value, expected, marker)
            or _exactly(value, expected, marker)
            or _task(value, expected, marker)
        )

    def _in_words(self, text: str, gold: str) -> Verdict:
        expected = bare_words(gold)
        found = find(Reading(text), self.markers, lambda statement, _: bare_words(statement), whole)
        if expected is None or found is None:
            reason = UNREADABLE_GOLD if expected is None else "no answer found"
            return Verdict(status="unparsed", expected=expected, reason=reason)
        value = bare_words(found.value)
        return Verdict(
            status="correct" if value == expected else "wrong",
            extracted=value,
            expected=expected,
            reason=f"marker {found.marker}",
        )

    def _find(self, text: str) -> Extraction[str] | None:
        return find(Reading(text), self.markers, expression_of, _last, revised=begins_with_value)

    def _pool(self) -> Pool:
        return pool(self.workers, self.seconds, self.memory_mb << 20)

    def _compared(self, task: _Task) -> Verdict:
        answer: Answer = self._pool().ask(task.gold, task.text, self.decimals)
        answer = {"reason": task.marker, "expected": task.gold, **answer}
        shown = {key: _shown(answer[key]) for key in ("expected", "extracted") if key in answer}
        return Verdict.model_validate({**answer, **shown})


def _shown(expression: str) -> str | None:
    """Return an expression as a verdict carries it: without dollar signs, and valid Unicode."""
    return clean(expression.strip("$")[:MAX_ANSWER])


def _gold(gold: str) -> str | None:
    """Return the expression of a gold answer or solution; None for one that is words."""
    bare = gold_answer(gold)
    if len(bare) > MAX_GOLD or "\n" in bare:
        found = find(Reading(gold), MARKERS, expression_of, _last)
        return found.value if found is not None and found.value != UNREAD else None
    bare = bare.strip().lstrip("#")
    expression = expression_of(bare, "####")
    return expression if expression == ABSTAINS or not is_words(bare) else None


def _exactly(value: str, expected: str, marker: str) -> Verdict | None:
    """Return the verdict on two numbers that are equal, or are different integers."""
    found, wanted = plain_number(value), plain_number(expected)
    if not found or not wanted:
        return None
    a, b = parse_number(found), parse_number(wanted)
    assert a is not None
    assert b is not None
    if agree(a, b):
        return Verdict(status="correct", extracted=b.spelling, expected=b.spelling, reason=marker)
    if isinstance(a.value, int) and isinstance(b.value, int) and a.scale == b.scale == 1:
        return Verdict(status="wrong", extracted=a.spelling, expected=b.spelling, reason=marker)
    return None


def _settled(value: str, expected: str, marker: str) -> Verdict | None:
    """Return the verdict where bases, times of day or units decide."""
    status = settled(value, expected)
    if status is None:
        return None
    extracted = _shown(expected if status == "correct" else value)
    return Verdict(status=status, extracted=extracted, expected=_shown(expected), reason=marker)


def _task(value: str, expected: str, marker: str) -> _Task:
    """Return what a worker is to compare."""
    value, expected = comparable(value, expected)
    return _Task(expected, value, marker)


def _last(reading: Reading) -> Extraction[str] | None:
    """Return the last LaTeX environment of a text, or else its last number."""
    if breaks_off(reading.text):
        return None
    found = last_expression(reading)
    if found is None and declines(reading.text):
        return Extraction(ABSTAINS, reading.start, reading.end, "number")
    return found or last_number_of(reading)
