"""Training curves as drawings of 1000 × 300: the losses of all arms, and their development scores.

    panels({"student": Curve([(0, 4.0), (10, 1.0)], [(5, 0.2), (10, 0.4)])})

Arms share their axes, which begin at zero. Places are in percent of width and height.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from cotkd.report.run import Curve
from cotkd.report.wording import count, percent

WIDTH, HEIGHT = 1000, 300
Points = Sequence[tuple[float, float]]


class Line(NamedTuple):
    """A line through (step, value), as a path, and its last value as text."""

    name: str
    series: str
    """The arm, whose colour it has."""
    member: int
    """Its number among the members of an arm, which have a dash each."""
    path: str
    last: str


class Tick(NamedTuple):
    """A mark on an axis."""

    at: float
    label: str


class Panel(NamedTuple):
    """Lines on common axes."""

    title: str
    lines: tuple[Line, ...]
    steps: tuple[Tick, ...]
    values: tuple[Tick, ...]


def panels(curves: Mapping[str, Curve]) -> list[Panel]:
    """Return a panel of losses and one of scores, each where some line has two points."""
    losses = {name: curve.losses for name, curve in curves.items()}
    scores = {name: curve.scores for name, curve in curves.items()}
    found = (
        _panel("Loss per trained token", losses, lambda value: f"{value:.3g}"),
        _panel("Accuracy on the development questions", scores, percent),
    )
    return [panel for panel in found if panel is not None]


def _panel(title: str, lines: Mapping[str, Points], shown: Callable[[float], str]) -> Panel | None:
    usable = {name: [p for p in line if math.isfinite(p[1])] for name, line in lines.items()}
    usable = {name: line for name, line in usable.items() if len(line) > 1}
    if not usable:
        return None
    steps = round_ticks(max(step for line in usable.values() for step, _ in line))
    values = round_ticks(max(value for line in usable.values() for _, value in line))
    drawn: list[Line] = []
    for name, line in usable.items():
        arm, _, member = name.partition("/")
        number = sum(other.series == arm for other in drawn) if member else 0
        path = _path(line, steps[-1], values[-1])
        drawn.append(Line(name.replace("/", " "), arm, number, path, shown(line[-1][1])))
    return Panel(
        title,
        tuple(drawn),
        tuple(Tick(_share(tick, steps), count(tick)) for tick in steps if tick == round(tick)),
        tuple(Tick(_share(tick, values), shown(tick) if tick else "0") for tick in values),
    )


def round_ticks(high: float, most: int = 5) -> list[float]:
    """Return at most `most` + 1 round numbers from zero to `high` or just beyond it."""
    if high <= 0:
        return [0.0, 1.0]
    size = 10.0 ** math.floor(math.log10(high / most))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if high <= most * size * factor)
    return [round(number * step, 12) for number in range(math.ceil(high / step - 1e-9) + 1)]


def _share(value: float, ticks: Sequence[float]) -> float:
    return round(100 * value / ticks[-1], 3)


def _path(line: Points, right: float, top: float) -> str:
    return "M" + "L".join(
        f"{WIDTH * step / right:.1f},{HEIGHT * (1 - value / top):.1f}" for step, value in line
    )
