"""Which examples make up which step: settled before training starts.

    plan_steps([(35, 80), (31, 77), ...], settings)
    -> [(4, 17, 2, ...), (9, 0, 31, ...), ...]          indices of the examples of each step

One pass over the examples after another is cut into steps of similar lengths, until the token
budget is met. Being a function of lengths, settings and seed alone, the plan is the same in every
process, in a resumed run and in an undisturbed one; and two students with the same budget are
trained on the same number of tokens, up to one example.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence

from cotkd.errors import SettingError
from cotkd.training.settings import Training

Step = tuple[int, ...]
"""Indices of the examples of one optimizer step, or of a piece of one."""
Unit = tuple[int, ...]
"""Examples that stay together: a group, or a single one."""
Sides = tuple[int, ...]
"""Lengths of an example's rows: (prompt + target,) of a decoder, else (prompt, target)."""

_POOL = 32
"""Steps' worth of examples that are sorted together: a larger pool pads less and mixes less."""


def plan_steps(
    lengths: Sequence[Sides], settings: Training, *, groups: Sequence[str | None] | None = None
) -> list[Step]:
    """Return the steps of the whole training, in order.

    Args:
        lengths: Of every example, side by side as they are padded.
        settings: Budget, step size and seed.
        groups: Name of each example's group; those of one group share every step.

    Raises:
        SettingError: an example, or a group, alone exceeds a step or the whole budget.
    """
    units = group_units(groups or [None] * len(lengths))
    cost = [sum(sides) for sides in lengths]
    cap = _cap(lengths, units, settings)
    budget = settings.processed_tokens or max(1, round(settings.epochs * sum(cost)))
    steps: list[Step] = []
    spent = 0
    for step in _passes(lengths, units, settings, cap):
        left = budget - spent
        whole = sum(cost[i] for i in step) <= left
        kept = step if whole else _trim(step, left, cost, groups)
        if kept:
            steps.append(kept)
            spent += sum(cost[i] for i in kept)
        if not whole or spent == budget:
            break
    if not steps:
        raise SettingError(
            f"processed_tokens={budget} does not cover one example "
            f"(the shortest has {min(cost)} tokens): raise it"
        )
    return steps


def split_step(
    step: Step, parts: int, lengths: Sequence[Sides], *, groups: Sequence[str | None] | None = None
) -> list[Step]:
    """Return `step` in `parts` consecutive pieces of nearly equal token counts.

    Groups stay whole. A piece is empty where the step has fewer units than pieces.
    """
    total = sum(sum(lengths[i]) for i in step)
    pieces: list[list[int]] = [[] for _ in range(parts)]
    seen = 0
    for unit in _units_of(step, groups):
        cost = sum(sum(lengths[i]) for i in unit)
        middle = 2 * seen + cost
        pieces[min(parts - 1, middle * parts // (2 * total))] += unit
        seen += cost
    return [tuple(piece) for piece in pieces]


def padded_tokens(step: Sequence[int], lengths: Sequence[Sides]) -> int:
    """Return what one batch of these examples costs, padding included."""
    return len(step) * sum(map(max, zip(*(lengths[i] for i in step), strict=True)))


def group_units(groups: Sequence[str | None]) -> list[Unit]:
    """Return the examples that stay together, in order of first appearance."""
    return _units_of(tuple(range(len(groups))), groups)


def _units_of(step: Step, groups: Sequence[str | None] | None) -> list[Unit]:
    members: dict[str | int, list[int]] = {}
    for i in step:
        name = None if groups is None else groups[i]
        members.setdefault(i if name is None else name, []).append(i)
    return [tuple(unit) for unit in members.values()]


def _passes(
    lengths: Sequence[Sides], units: list[Unit], settings: Training, cap: int
) -> Iterator[Step]:
    """Yield the steps of one pass over the data after another, for ever."""
    by_count = settings.batch_size is not None
    size = [1 if by_count else sum(sides) for sides in lengths]
    pool = max(1, _POOL * cap * len(units) // sum(size))
    number = 0
    while True:
        draw = random.Random(f"{settings.seed}/{number}")
        shuffled = draw.sample(units, len(units))
        batches: list[Step] = []
        for start in range(0, len(units), pool):
            chosen = _by_length(shuffled[start : start + pool], lengths)
            batches += _cut_evenly(chosen, lengths, cap, by_count=by_count)
        draw.shuffle(batches)
        yield from batches
        number += 1


def _by_length(units: Sequence[Unit], lengths: Sequence[Sides]) -> list[Unit]:
    """Order units so that neighbours pad little: by length, or strip-wise by target and prompt.

    Two sides are ordered like ploughing a field: strips of similar targets, and along each strip,
    up one and down the next, prompts of similar lengths.
    """
    last = sorted(units, key=lambda unit: max(lengths[i][-1] for i in unit))
    if len(lengths[0]) == 1:
        return last
    width = math.ceil(len(units) / max(1, round(math.sqrt(_POOL))))
    ordered: list[Unit] = []
    for number, start in enumerate(range(0, len(last), width)):
        strip = last[start : start + width]
        strip.sort(key=lambda unit: max(lengths[i][0] for i in unit), reverse=number % 2 == 1)
        ordered += strip
    return ordered


def _cut_evenly(
    units: Sequence[Unit], lengths: Sequence[Sides], cap: int, *, by_count: bool
) -> list[Step]:
    """Cut into as few batches as `cap` allows, and these into nearly equal sizes.

    Without the second part the last batch would be a small remainder, whose few examples would
    weigh as much as a whole step's.
    """
    fewest = len(_cut(units, lengths, cap, by_count=by_count))
    low, high = 1, cap
    while low < high:
        middle = (low + high) // 2
        if len(_cut(units, lengths, middle, by_count=by_count)) <= fewest:
            high = middle
        else:
            low = middle + 1
    return _cut(units, lengths, low, by_count=by_count)


def _cut(
    units: Sequence[Unit], lengths: Sequence[Sides], cap: int, *, by_count: bool
) -> list[Step]:
    """Fill batch after batch up to `cap`; a unit larger than `cap` is a batch of its own."""
    batches: list[Step] = []
    current: list[int] = []
    longest: list[int] = []
    for unit in units:
        sides = [max(side) for side in zip(*(lengths[i] for i in unit), strict=True)]
        wider = [max(pair) for pair in zip(longest or sides, sides, strict=True)]
        count = len(current) + len(unit)
        if current and (count if by_count else count * sum(wider)) > cap:
            batches.append(tuple(current))
            current, wider = [], sides
        current += unit
        longest = wider
    return [*batches, tuple(current)]


def _trim(step: Step, left: int, cost: Sequence[int], groups: Sequence[str | None] | None) -> Step:
    """Return the units of `step` that the rest of the budget pays for."""
    kept: list[int] = []
    for unit in _units_of(step, groups):
        price = sum(cost[i] for i in unit)
        if price <= left:
            kept += unit
            left -= price
    return tuple(kept)


def _cap(lengths: Sequence[Sides], units: Sequence[Unit], settings: Training) -> int:
    if settings.batch_size is not None:
        most = max(map(len, units))
        if most > settings.batch_size:
            raise SettingError(
                f"a group has {most} examples, batch_size is {settings.batch_size}: raise it"
            )
        return settings.batch_size
    most = max(padded_tokens(unit, lengths) for unit in units)
    if most > settings.batch_tokens:
        raise SettingError(
            f"an example or group needs {most} tokens, batch_tokens is {settings.batch_tokens}: "
            "raise it, or lower max_length"
        )
    return settings.batch_tokens
