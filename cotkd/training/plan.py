"""Which examples make up which step: settled before training starts.

    plan_steps([(35, 80), (31, 77), ...], settings)
    -> [(4, 17, 2, ...), (9, 0, 31, ...), ...]          indices of the examples of each step

One pass over the examples after another is cut into steps of similar lengths, until the token
budget is met. Being a function of lengths, settings and seed alone, the plan is the same in every
process, in a resumed run and in an undisturbed one; and two students with the same budget are
trained on the same number of tokens, up to one example.

With several tasks, the examples of one question share a step: each step then holds the tasks in the
proportion of the data, although their lengths differ. What a step costs is counted task by task,
since rows of different lengths are never padded to each other (`training.layout`).
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence

from cotkd.errors import SettingError
from cotkd.formats.groups import Unit, group_units, units_of
from cotkd.training.settings import Training

Step = tuple[int, ...]
"""Indices of the examples of one optimizer step, or of a piece of one."""
Sides = tuple[int, ...]
"""Lengths of an example's rows: (prompt + target,) of a decoder, else (prompt, target)."""
Shape = dict[str, tuple[int, Sides]]
"""Of each task in a batch, the number of rows and the longest of each side."""

_POOL = 32
"""Steps' worth of examples that are sorted together: a larger pool pads less and mixes less."""


def plan_steps(
    lengths: Sequence[Sides],
    settings: Training,
    *,
    groups: Sequence[str | None] | None = None,
    tasks: Sequence[str] | None = None,
    questions: Sequence[str] | None = None,
) -> list[Step]:
    """Return the steps of the whole training, in order.

    Args:
        lengths: Of every example, side by side as they are padded.
        settings: Budget, step size and seed.
        groups: Name of each example's group; those of one group share every step.
        tasks: Name of each example's task; one task for all if None.
        questions: Of each example; where there are several tasks, those of one question share a
            step as far as it has room.

    Raises:
        SettingError: an example, or a group, alone exceeds a step or the whole budget.
    """
    groups = groups or [None] * len(lengths)
    tasks = tasks or [""] * len(lengths)
    units = group_units(groups)
    cap = _cap(lengths, tasks, units, settings)
    if questions is not None and len(set(tasks)) > 1:
        units = _families(units, questions, lengths, tasks, cap, settings)
    whole_units = {i: number for number, unit in enumerate(units) for i in unit}
    cost = [sum(sides) for sides in lengths]
    budget = settings.processed_tokens or max(1, round(settings.epochs * sum(cost)))
    steps: list[Step] = []
    spent = 0
    for step in _passes(lengths, tasks, units, settings, cap):
        left = budget - spent
        whole = sum(cost[i] for i in step) <= left
        kept = step if whole else _trim(step, left, cost, [str(whole_units[i]) for i in step])
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
    for unit in units_of(step, groups):
        cost = sum(sum(lengths[i]) for i in unit)
        middle = 2 * seen + cost
        pieces[min(parts - 1, middle * parts // (2 * total))] += unit
        seen += cost
    return [tuple(piece) for piece in pieces]


def padded_tokens(
    step: Sequence[int], lengths: Sequence[Sides], tasks: Sequence[str] | None = None
) -> int:
    """Return what a batch of these examples costs, padding within each task included."""
    return _size(_shape(step, lengths, tasks))


def _families(
    units: Sequence[Unit],
    questions: Sequence[str],
    lengths: Sequence[Sides],
    tasks: Sequence[str],
    cap: int,
    settings: Training,
) -> list[Unit]:
    """Join the units of each question, in as many parts as do not exceed a step."""
    by_count = settings.batch_size is not None
    together: dict[str, list[Unit]] = {}
    for unit in units:
        together.setdefault(questions[unit[0]], []).append(unit)
    return [
        part
        for own in together.values()
        for part in _cut(own, [_shape(unit, lengths, tasks) for unit in own], cap, by_count)
    ]


def _shape(unit: Sequence[int], lengths: Sequence[Sides], tasks: Sequence[str] | None) -> Shape:
    rows: dict[str, list[Sides]] = {}
    for i in unit:
        rows.setdefault(tasks[i] if tasks else "", []).append(lengths[i])
    return {
        task: (len(sides), tuple(map(max, zip(*sides, strict=True))))
        for task, sides in rows.items()
    }


def _joined(one: Shape, other: Shape) -> Shape:
    both = dict(one)
    for task, (count, sides) in other.items():
        if task in both:
            before, longest = both[task]
            count, sides = before + count, tuple(map(max, longest, sides))
        both[task] = (count, sides)
    return both


def _size(shape: Shape) -> int:
    return sum(count * sum(sides) for count, sides in shape.values())


def _passes(
    lengths: Sequence[Sides],
    tasks: Sequence[str],
    units: list[Unit],
    settings: Training,
    cap: int,
) -> Iterator[Step]:
    """Yield the steps of one pass over the data after another, for ever."""
    by_count = settings.batch_size is not None
    size = sum(1 if by_count else sum(lengths[i]) for unit in units for i in unit)
    pool = max(1, _POOL * cap * len(units) // size)
    shapes = {unit: _shape(unit, lengths, tasks) for unit in units}
    number = 0
    while True:
        draw = random.Random(f"{settings.seed}/{number}")
        shuffled = draw.sample(units, len(units))
        batches: list[Step] = []
        for start in range(0, len(units), pool):
            chosen = _by_length(shuffled[start : start + pool], lengths)
            batches += _cut_evenly(chosen, [shapes[unit] for unit in chosen], cap, by_count)
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
    units: Sequence[Unit], shapes: Sequence[Shape], cap: int, by_count: bool
) -> list[Step]:
    """Cut into as few batches as `cap` allows, and these into nearly equal sizes.

    Without the second part the last batch would be a small remainder, whose few examples would
    weigh as much as a whole step's.
    """
    fewest = len(_cut(units, shapes, cap, by_count))
    low, high = 1, cap
    while low < high:
        middle = (low + high) // 2
        if len(_cut(units, shapes, middle, by_count)) <= fewest:
            high = middle
        else:
            low = middle + 1
    return _cut(units, shapes, low, by_count)


def _cut(units: Sequence[Unit], shapes: Sequence[Shape], cap: int, by_count: bool) -> list[Step]:
    """Fill batch after batch up to `cap`; a unit larger than `cap` is a batch of its own."""
    batches: list[Step] = []
    current: list[int] = []
    held: Shape = {}
    for unit, shape in zip(units, shapes, strict=True):
        wider = _joined(held, shape)
        if current and (len(current) + len(unit) if by_count else _size(wider)) > cap:
            batches.append(tuple(current))
            current, wider = [], shape
        current += unit
        held = wider
    return [*batches, tuple(current)]


def _trim(step: Step, left: int, cost: Sequence[int], names: Sequence[str]) -> Step:
    """Return the units of `step` that the rest of the budget pays for; `names` tells them apart."""
    kept: list[int] = []
    for unit in units_of(tuple(range(len(step))), names):
        price = sum(cost[step[i]] for i in unit)
        if price <= left:
            kept += [step[i] for i in unit]
            left -= price
    return tuple(kept)


def _cap(
    lengths: Sequence[Sides], tasks: Sequence[str], units: Sequence[Unit], settings: Training
) -> int:
    if settings.batch_size is not None:
        most = max(map(len, units))
        if most > settings.batch_size:
            raise SettingError(
                f"a group has {most} examples, batch_size is {settings.batch_size}: raise it"
            )
        return settings.batch_size
    most = max(padded_tokens(unit, lengths, tasks) for unit in units)
    if most > settings.batch_tokens:
        raise SettingError(
            f"an example or group needs {most} tokens, batch_tokens is {settings.batch_tokens}: "
            "raise it, or lower max_length"
        )
    return settings.batch_tokens
