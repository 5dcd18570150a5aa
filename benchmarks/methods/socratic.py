"""Socratic arms by number of steps and by shift, and how they break questions up.

Steps are those of the gold solutions of a suite's questions; rows whose answers are not to these
questions are left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from benchmarks.methods.arms import Arm, Where, lines_of, over_seeds, suites, with_interval
from cotkd.measuring.suites import load_suite

BESIDE = ("answer_only", "fine_tune_cot")
"""Shown beside the Socratic arms."""
FIGURES = ("same_number", "bleu", "rouge_l")
WRONG = ("wrong_arithmetic", "wrong_decomposition", "wrong_otherwise")


def digest(ids: Sequence[str]) -> str:
    """Return what tells the questions of a row from others."""
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()[:12]


def socratic(cells: Mapping[Where, Sequence[Arm]]) -> Iterator[str]:
    """Yield the tables of every student that was trained with a Socratic arm."""
    for where, arms in sorted(cells.items()):
        chosen = [arm for arm in arms if arm.variant in BESIDE or _is_socratic(arm)]
        if where[2] == 1 and any(map(_is_socratic, chosen)):
            yield from _by_steps(where[0], chosen)
            yield from _decompositions(where[0], [arm for arm in chosen if _is_socratic(arm)])


def _is_socratic(arm: Arm) -> bool:
    return arm.variant.startswith("socratic")


def _by_steps(student: str, arms: Sequence[Arm]) -> Iterator[str]:
    """Yield the accuracy of every arm on every suite, by steps of the gold solution."""
    found = {
        (suite, arm.name): shares
        for suite in suites(arms[0])
        for arm in arms
        if (shares := _shares(arm, suite))
    }
    steps = sorted({count for shares in found.values() for count in shares})
    if not steps:
        return
    yield f"\n## Socratic CoT by steps: {student}\n"
    yield (
        "Accuracy in % by steps of the gold solution, mean over seeds with an interval as above "
        "(of n questions a seed); `oracle` is told the gold sub-questions: an upper bound.\n"
    )
    yield from lines_of(
        ["suite", "method", *(f"{count} steps" for count in steps)],
        [
            [suite, name, *(shares.get(count, "–") for count in steps)]
            for (suite, name), shares in found.items()
        ],
        words=2,
    )


def _shares(arm: Arm, suite: str) -> dict[int, str]:
    """Return the accuracy at each number of steps, as text."""
    right = arm.right(suite)
    known, steps = steps_of(suite, len(next(iter(right.values()))))
    if {row["heads"][arm.label][suite]["ids"] for row in arm.rows.values()} != {known}:
        return {}

    def at(count: int) -> list[list[bool]]:
        return [
            [r for r, s in zip(one, steps, strict=True) if s == count] for one in right.values()
        ]

    return {
        count: f"{with_interval(at(count))} ({steps.count(count)})" for count in sorted(set(steps))
    }


@lru_cache
def steps_of(suite: str, n: int) -> tuple[str, tuple[int, ...]]:
    """Return the digest of the first `n` questions of a suite, and the gold steps of each."""
    questions = load_suite(suite)[1].questions[:n]
    return digest([q.id for q in questions]), tuple(len(q.steps or ()) for q in questions)


def _decompositions(student: str, arms: Sequence[Arm]) -> Iterator[str]:
    """Yield how questions were broken up and what went wrong, in distribution."""
    first = suites(arms[0])[0]
    known = [arm for arm in arms if all(_figures(arm, first))]
    if not known:
        return
    yield f"\n## Socratic CoT, decomposition: {student}\n"
    n = len(next(iter(known[0].right(first).values())))
    yield (
        f"On {first}, n = {n} a seed, in %, means over seeds, of several with a 95 % interval: "
        "sub-questions against gold ones; wrong answers by what went wrong, of all answers.\n"
    )
    names = (*FIGURES, *WRONG)
    yield from lines_of(
        ["method", "seeds", *(name.replace("_", " ") for name in names)],
        [
            [arm.name, str(len(arm.rows)), *(_mean(_figures(arm, first), name) for name in names)]
            for arm in known
        ],
    )


def _figures(arm: Arm, suite: str) -> list[dict[str, float]]:
    return [row.get("figures", {}).get(arm.label, {}).get(suite, {}) for row in arm.rows.values()]


def _mean(found: Sequence[Mapping[str, float]], name: str) -> str:
    values = [one[name] for one in found if name in one]
    return over_seeds(values) if len(values) == len(found) else "–"
