"""How the examples of a micro-batch are laid out as rows: padded little, computed in few passes.

    lay_out([(30, 4), (31, 90), (28, 4), (30, 95)])
    -> [Pass(rows=((2,), (0,))), Pass(rows=((1,), (3,)))]

Two ways, which change speed and memory but no loss:

- bucketed: examples in order of length, cut into passes such that padding and passes together cost
  least; each example is a row;
- packed: one pass whose rows hold several examples one after the other, blind to each other. No row
  is longer than the longest example, so that attention costs no more than without packing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from cotkd.training.plan import Sides

Rows = Literal["auto", "bucketed", "packed"]

PASS = 256
"""Tokens that cost as much as one more forward and backward pass; of small models on a CPU."""
_WORTH_PACKING = 0.95
"""Packed rows need masks of their own; they are taken where they spare a twentieth."""


class Pass(NamedTuple):
    """One forward pass: in each row, which examples stand in it."""

    rows: tuple[tuple[int, ...], ...]

    @property
    def packed(self) -> bool:
        """Whether a row holds several examples."""
        return any(len(row) > 1 for row in self.rows)

    @property
    def examples(self) -> list[int]:
        """The examples of the pass, in row order."""
        return [i for row in self.rows for i in row]


def lay_out(
    lengths: Sequence[Sides], rows: Rows = "bucketed", *, units: Sequence[Sequence[int]] = ()
) -> list[Pass]:
    """Return the passes that compute examples of these lengths.

    Args:
        lengths: Of each example: one side where prompt and target share a row, else two.
        rows: `auto` takes the cheaper of both; two sides are always bucketed.
        units: Examples that must share a pass; all others are free.
    """
    if rows == "bucketed" or len(lengths[0]) > 1:
        return _bucketed(lengths, units)
    packed = _packed([sides[0] for sides in lengths])
    if rows == "packed":
        return [packed]
    bucketed = _bucketed(lengths, units)
    cheaper = computed_tokens([packed], lengths) < _WORTH_PACKING * _cost(bucketed, lengths)
    return [packed] if cheaper else bucketed


def computed_tokens(passes: Sequence[Pass], lengths: Sequence[Sides]) -> int:
    """Return the tokens that the passes compute, padding included."""
    return sum(_area(each, lengths) for each in passes)


def _cost(passes: Sequence[Pass], lengths: Sequence[Sides]) -> int:
    return computed_tokens(passes, lengths) + PASS * (len(passes) - 1)


def _area(each: Pass, lengths: Sequence[Sides]) -> int:
    sides = [
        [sum(lengths[i][side] for i in row) for row in each.rows] for side in range(len(lengths[0]))
    ]
    return len(each.rows) * sum(map(max, sides))


def _packed(lengths: Sequence[int]) -> Pass:
    """Fill rows as long as the longest example: longest first, each into the fullest that fits."""
    room = max(lengths)
    rows: list[list[int]] = []
    left: list[int] = []
    for i in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        fitting = [row for row, space in enumerate(left) if space >= lengths[i]]
        if fitting:
            row = min(fitting, key=lambda row: left[row])
            rows[row].append(i)
            left[row] -= lengths[i]
        else:
            rows.append([i])
            left.append(room - lengths[i])
    return Pass(tuple(map(tuple, rows)))


def _bucketed(lengths: Sequence[Sides], units: Sequence[Sequence[int]]) -> list[Pass]:
    """Cut the examples in order of length where that spares more padding than a pass costs."""
    tied = {i for unit in units for i in unit}
    free = [(i,) for i in range(len(lengths)) if i not in tied]
    ordered = sorted([*free, *map(tuple, units)], key=lambda unit: _longest(unit, lengths)[::-1])
    whole = Pass(tuple((i,) for unit in ordered for i in unit))
    if _area(whole, lengths) - sum(map(sum, lengths)) <= PASS:
        return [whole]
    best = [0] + [0] * len(ordered)
    start_of = [0] * (len(ordered) + 1)
    for stop in range(1, len(ordered) + 1):
        costs, sides, count = [], tuple([0] * len(lengths[0])), 0
        for start in range(stop - 1, -1, -1):
            sides = tuple(map(max, sides, _longest(ordered[start], lengths)))
            count += len(ordered[start])
            costs.append((best[start] + count * sum(sides) + PASS, start))
        best[stop], start_of[stop] = min(costs)
    passes: list[Pass] = []
    stop = len(ordered)
    while stop:
        start = start_of[stop]
        passes.insert(0, Pass(tuple((i,) for unit in ordered[start:stop] for i in unit)))
        stop = start
    return passes


def _longest(unit: Sequence[int], lengths: Sequence[Sides]) -> Sides:
    return tuple(map(max, zip(*(lengths[i] for i in unit), strict=True)))
