"""The heads of the benchmark's students over their seeds, and how two of them are compared."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import chain, compress, repeat
from typing import Any, NamedTuple

from cotkd.evaluation.seeds import compare_seeds
from cotkd.evaluation.statistics import clustered_proportion, t_interval

Row = dict[str, Any]
Where = tuple[str, str, float]
"""Student, form, share of the data."""


class Arm(NamedTuple):
    """One head of one variant, over its seeds."""

    variant: str
    head: str
    label: str
    rows: dict[int, Row]
    """By seed."""

    @property
    def name(self) -> str:
        """`step_by_step, explain`; a method with one head has no other name."""
        heads = {label for row in self.rows.values() for label in row["heads"]}
        return f"{self.variant}, {self.head}" if len(heads) > 1 else self.variant

    @property
    def answers(self) -> bool:
        """Whether an answer can be read from what this head learns to write.

        Of a rationale that ends without one the last number is read, but it names no label.
        """
        row = next(iter(self.rows.values()))
        head = row.get("method", {}).get(self.head, {})
        return row["form"] == "number" or head.get("template") != "{rationale}"

    def right(self, suite: str) -> dict[int, list[bool]]:
        """Return who was right on each question of a suite, by seed."""
        found = {seed: row["heads"][self.label][suite] for seed, row in self.rows.items()}
        return {seed: [one == "c" for one in each["status"]] for seed, each in found.items()}

    def mean(self, suite: str, field: str) -> float:
        """Return the mean over seeds of a number of a suite."""
        return mean([row["heads"][self.label][suite][field] for row in self.rows.values()])


class Compared(NamedTuple):
    """Accuracy of one arm minus that of another."""

    value: float
    low: float
    high: float
    p: float
    seeds: tuple[int, int]
    """Of each."""

    @property
    def told_apart(self) -> int:
        """1 where the interval lies above zero, -1 below, else 0."""
        return (self.low > 0) - (self.high < 0)


def find(arms: Sequence[Arm], variant: str, head: str | None = None) -> Arm | None:
    """Return the arm of a variant's head, by default its main one."""
    for arm in arms:
        main = arm.label == "student"
        if arm.variant == variant and (main if head is None else arm.head == head):
            return arm
    return None


def compare(
    one: Arm, other: Arm, suites: Sequence[str], *, among: Sequence[bool] | None = None
) -> Compared | None:
    """Return the difference over the seeds and questions of both; None without any answer.

    Args:
        one: Whose accuracy the other's is taken from.
        other: The other.
        suites: Where both were asked.
        among: Of a single suite, the questions that count.
    """
    if not (one.answers and other.answers):
        return None
    for suite in suites:
        ids = {
            r["heads"][arm.label][suite]["ids"] for arm in (one, other) for r in arm.rows.values()
        }
        assert len(ids) == 1, f"{one.name} and {other.name} answered other questions"
    left, right = (_scores(arm, suites, among) for arm in (one, other))
    if not left[0]:
        return None
    found = compare_seeds(left, right)
    return Compared(
        found.value, found.ci95.low, found.ci95.high, found.p_value, (len(left), len(right))
    )


def _scores(arm: Arm, suites: Sequence[str], among: Sequence[bool] | None) -> list[list[float]]:
    """Return the scores of each seed on all questions of some suites."""
    right = [arm.right(suite) for suite in suites]
    rows = []
    for seed in sorted(arm.rows):
        answers = [*chain.from_iterable(found[seed] for found in right)]
        rows.append([float(one) for one in compress(answers, among or repeat(True))])
    return rows


def accuracy(arm: Arm, suites: Sequence[str]) -> str:
    """Return the mean over seeds with an interval, in %; – of heads that give no answers."""
    if not arm.answers:
        return "–"
    right = [arm.right(suite) for suite in suites]
    return with_interval(
        [[one for found in right for one in found[seed]] for seed in sorted(arm.rows)]
    )


def with_interval(right: Sequence[Sequence[bool]]) -> str:
    """Return the mean over seeds of who was right on the same questions, with an interval, in %.

    The interval of one seed is that of its questions; of several it reaches as far as either
    Student's over seeds or that over questions, which resamples them with all of their seeds:
    seeds that happen to agree are no certainty.
    """
    asked = range(len(right[0]))
    questions = clustered_proportion([*chain.from_iterable(right)], [*asked] * len(right)).ci95
    low, high = questions.low, questions.high
    shares = [mean(answers) for answers in right]
    if len(shares) > 1:
        over = t_interval(shares)
        low, high = min(low, over[0]), max(high, over[1])
    return f"{100 * mean(shares):.1f} [{100 * max(0.0, low):.1f}–{100 * min(1.0, high):.1f}]"


def over_seeds(shares: Sequence[float]) -> str:
    """Return the mean of shares in %, of several seeds with Student's interval."""
    if len(shares) < 2:
        return f"{100 * mean(shares):.1f}"
    low, high = t_interval(shares)
    return f"{100 * mean(shares):.1f} [{100 * max(0.0, low):.1f}–{100 * min(1.0, high):.1f}]"


def suites(arm: Arm) -> list[str]:
    return list(next(iter(arm.rows.values()))["heads"][arm.label])


def delta(found: Compared | None) -> str:
    if found is None:
        return "–"
    return f"{100 * found.value:+.1f} [{100 * found.low:+.1f}, {100 * found.high:+.1f}]"


def mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def lines_of(
    heads: Sequence[str], rows: Iterator[Sequence[str]] | Sequence[Sequence[str]], *, words: int = 1
) -> Iterator[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---|" * words + "---:|" * (len(heads) - words)
    for row in rows:
        yield "| " + " | ".join(row) + " |"
