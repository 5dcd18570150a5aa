"""Accuracy against what it costs, of several runs: parameters, and tokens per answer.

    draw_pareto(comparison, Path("pareto.png"))      # or .svg, .pdf

A run is on the front where no other one is at least as accurate for less, or more accurate for as
much. Fronts are drawn as steps, what the best run of at most that cost reaches, through the points
as they are: intervals say how far that can be trusted.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cotkd.errors import DataError, SettingError
from cotkd.evaluation.runs import RunComparison, RunSummary
from cotkd.report.wording import short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SUFFIXES = (".png", ".svg", ".pdf")
_FRONT, _OTHER = "#1f4e8c", "#8a8f98"
_PLACES = ((7, 6), (7, -13), (-7, 6), (-7, -13), (0, 12), (0, -19), (7, 18), (7, -25))
"""Where a label may stand beside its point, in points of the page, best first."""


class Point(NamedTuple):
    """A run at its cost, with its accuracy and interval in percent."""

    name: str
    cost: float
    accuracy: float
    low: float
    high: float


def pareto_front(points: Sequence[Point]) -> list[Point]:
    """Return the points that no other one dominates, by rising cost."""
    front: list[Point] = []
    for point in sorted(points, key=lambda p: (p.cost, -p.accuracy)):
        if not front or point.accuracy > front[-1].accuracy:
            front.append(point)
    return front


def draw_pareto(comparison: RunComparison, path: Path) -> Path:
    """Write the drawing to `path`, in the format of its suffix.

    Raises:
        SettingError: the suffix is none of `SUFFIXES`.
        DataError: no run has answered all suites, or none knows its costs.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise SettingError(f"plot {str(path)!r}: its name must end in {', '.join(SUFFIXES)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    _save(comparison, path, dpi=160)
    return path


def pareto_svg(comparison: RunComparison) -> str:
    """Return the drawing as an `<svg>` element whose letters are outlines: it loads no font."""
    out = io.StringIO()
    _save(comparison, out, format="svg", metadata={"Date": None})
    text = out.getvalue()
    return text[text.index("<svg") :]


def _save(comparison: RunComparison, target: Path | io.StringIO, **how: Any) -> None:
    from matplotlib import rc_context

    with rc_context({"svg.fonttype": "path", "svg.hashsalt": "cotkd", "font.size": 9}):
        _figure(comparison).savefig(target, **how)


def _figure(comparison: RunComparison) -> Figure:
    from matplotlib.figure import Figure

    panels: list[tuple[str, list[Point]]] = [
        ("parameters", _points(comparison, lambda run: run.parameters)),
        ("tokens per answer", _points(comparison, lambda run: run.answer_tokens)),
    ]
    if not any(points for _, points in panels):
        raise DataError(
            "nothing to draw: no run has both an accuracy on all suites and a known size or length "
            "of answers; evaluate them again, or choose --suites that all runs answered"
        )
    suites = comparison.suites[: comparison.common]
    what = suites[0] if len(suites) == 1 else f"mean of {len(suites)} suites"
    figure = Figure(figsize=(10, 4.4), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    for axis, (label, points) in zip(axes, panels, strict=True):
        _panel(axis, label, points)
    axes[0].set_ylabel(f"accuracy of the {comparison.arm} in %, {what}", parse_math=False)
    figure.draw_without_rendering()
    for axis, (_, points) in zip(axes, panels, strict=True):
        _name_points(axis, points)
    return figure


def _points(comparison: RunComparison, cost: Callable[[RunSummary], float | None]) -> list[Point]:
    found = []
    for run in comparison.runs:
        price, mean = cost(run), run.mean
        if price and mean is not None and mean.value is not None and mean.ci95 is not None:
            low, high = mean.ci95
            found.append(Point(run.name, price, 100 * mean.value, 100 * low, 100 * high))
    return found


def _panel(axis: Any, label: str, points: Sequence[Point]) -> None:
    axis.set_xlabel(label)
    axis.grid(visible=True, color="#e4e6ea", linewidth=0.7)
    axis.set_axisbelow(True)
    axis.spines[["top", "right"]].set_visible(False)
    if not points:
        axis.set_xticks([])
        axis.text(0.5, 0.5, "not recorded", transform=axis.transAxes, ha="center", color=_OTHER)
        return
    _scale(axis, [point.cost for point in points])
    front = pareto_front(points)
    axis.plot(*zip(*_steps(axis, front), strict=True), color=_FRONT, linewidth=1.1)
    for point in points:
        color = _FRONT if point in front else _OTHER
        ends = [[point.accuracy - point.low], [point.high - point.accuracy]]
        axis.errorbar(
            point.cost, point.accuracy, yerr=ends, fmt="o", markersize=5, color=color, elinewidth=1
        )


def _steps(axis: Any, front: Sequence[Point]) -> list[tuple[float, float]]:
    """Return the corners of the front, which goes on to the edge of the panel."""
    ends = [*(point.cost for point in front[1:]), axis.get_xlim()[1]]
    return [
        (cost, point.accuracy)
        for point, end in zip(front, ends, strict=True)
        for cost in (point.cost, end)
    ]


def _dots(a: Sequence[float], b: Sequence[float]) -> list[tuple[float, float]]:
    """Return places on a line, close enough that no name slips between them."""
    n = 2 + int(max(abs(b[0] - a[0]), abs(b[1] - a[1])) // 8)
    shares = [i / (n - 1) for i in range(n)]
    return [(a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1])) for part in shares]


def _scale(axis: Any, costs: Sequence[float]) -> None:
    """Use a logarithmic axis where costs differ by more than four times, with plain numbers."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    low, high = min(costs), max(costs)
    if high > 4 * low:
        axis.set_xscale("log")
        axis.set_xlim(low / 1.6, high * 2.2)
        axis.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.xaxis.set_minor_locator(NullLocator())
    else:
        room = max(high - low, 0.1 * high)
        axis.set_xlim(max(0.0, low - 0.25 * room), high + 0.4 * room)
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))


def _name_points(axis: Any, points: Sequence[Point]) -> None:
    """Write the names beside the points, where the least of another name or point is covered."""
    from matplotlib.patheffects import withStroke

    front, taken = pareto_front(points), list[Any]()
    at = axis.transData.transform
    dots = [at((point.cost, point.accuracy)) for point in points]
    corners = [at(corner) for corner in _steps(axis, front)] if front else []
    line = [dot for each in pairwise(corners) for dot in _dots(*each)]
    for point in sorted(points, key=lambda p: -p.accuracy):
        best = None
        for x, y in _PLACES:
            side = "left" if x > 0 else "right" if x < 0 else "center"
            label = axis.annotate(
                point.name,
                (point.cost, point.accuracy),
                xytext=(x, y),
                textcoords="offset points",
                ha=side,
                fontsize=8,
                color=_FRONT if point in front else "#4c5159",
                path_effects=[withStroke(linewidth=2.5, foreground="white")],
                parse_math=False,
            )
            box = label.get_window_extent()
            outside = not axis.get_window_extent().contains(box.x1, box.y1)
            covered = 10 * (sum(box.overlaps(other) for other in taken) + outside)
            covered += 10 * sum(box.padded(4).contains(*dot) for dot in dots)
            covered += sum(box.contains(*dot) for dot in line)
            if best is None or covered < best[0]:
                if best is not None:
                    best[1].remove()
                best = (covered, label, box)
            else:
                label.remove()
            if covered == 0:
                break
        assert best is not None
        taken.append(best[2])
