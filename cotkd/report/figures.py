"""What the report draws, as positions in percent of an axis: the page scales them to any width.

A dot-and-interval plot is rows of points on one axis; a funnel is bars.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from cotkd.evaluation.results import (
    Comparison,
    DataCounts,
    Interval,
    Proportion,
    Results,
    SuiteScore,
)
from cotkd.evaluation.statistics import clustered_proportion
from cotkd.report.run import Funnel, Round, Stage
from cotkd.report.wording import (
    arms,
    asked,
    count,
    percent,
    percent_interval,
    points,
    points_interval,
    suites,
)
from cotkd.types import Rationale


class Axis(NamedTuple):
    """A linear axis with its ticks, in the unit of the data (shares of one)."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def at(self, value: float) -> float:
        """Return where `value` lies, in percent of the width, kept inside the axis."""
        share = (value - self.low) / (self.high - self.low)
        return round(100 * min(1.0, max(0.0, share)), 3)


SHARES = Axis(0, 1, (0, 0.25, 0.5, 0.75, 1))


class Point(NamedTuple):
    """A dot with its interval, and its numbers as text."""

    series: str
    x: float
    low: float
    width: float
    value: str
    interval: str
    note: str
    seeds: tuple[float, ...] = ()


class PlotRow(NamedTuple):
    """One row of a plot: a label, a note under it, and one point or None per series."""

    label: str
    note: str
    points: tuple[Point | None, ...]


class PlotGroup(NamedTuple):
    """Rows under a title; no title where there is only one group."""

    title: str
    rows: list[PlotRow]


class Bar(NamedTuple):
    """A stage of the funnel: what is left after it, and what it dropped."""

    label: str
    left: int
    width: float
    dropped: tuple[tuple[str, int], ...]
    lost: float


def point_on(
    axis: Axis,
    series: str,
    at: float,
    ends: tuple[float, float],
    *,
    seeds: Sequence[float] | None = None,
    **shown: str,
) -> Point:
    """Return a dot with its interval on an axis; `shown` are its value, interval and note."""
    low, high = map(axis.at, ends)
    places = tuple(map(axis.at, seeds or ()))
    return Point(series, axis.at(at), low, round(high - low, 3), seeds=places, **shown)


def share_point(series: str, share: Proportion, *, note: str = "") -> Point:
    """Return the point of an accuracy on the axis from 0 to 100 %."""
    return point_on(
        SHARES,
        series,
        share.accuracy,
        share.ci95,
        value=percent(share.accuracy),
        interval=percent_interval(share.ci95),
        note=note or f"{count(share.correct)} of {count(share.n)}",
        seeds=share.seeds,
    )


def suite_groups(results: Results) -> list[PlotGroup]:
    """Return one row per suite with a point per arm, the in-distribution suite apart."""
    rows = [_suite_row(results, suite) for suite in suites(results)]
    if len(rows) < 2:
        return [PlotGroup("", rows)] if rows else []
    return [
        PlotGroup("In distribution", rows[:1]),
        PlotGroup("Shifted and other suites", rows[1:]),
    ]


def _suite_row(results: Results, suite: str) -> PlotRow:
    scores = [(arm, results.scores[arm].get(suite)) for arm in arms(results)]
    return share_row(suite, scores)


def share_row(label: str, shares: Sequence[tuple[str, Proportion | None]]) -> PlotRow:
    """Return a row with the accuracy of each arm, where there is one."""
    drawn = tuple(
        None if share is None else share_point(arm, share, note=_note(share))
        for arm, share in shares
    )
    return PlotRow(label, asked(shares), drawn)


def _note(share: Proportion) -> str:
    right = f"{count(share.correct)} of {count(share.n)}"
    if isinstance(share, SuiteScore):
        return f"{right} correct, {count(share.unparsed)} unparsed"
    return right


def sample_groups(data: DataCounts, found: Round | None) -> list[PlotGroup]:
    """Return what one sample, a majority vote and any of k samples are worth."""
    rows = []
    if found is not None and found.rationales:
        by_teacher: dict[str, list[Rationale]] = {}
        for row in found.rationales:
            by_teacher.setdefault(row.teacher, []).append(row)
        for teacher, group in by_teacher.items():
            rows.append(_sample_row("One sample", teacher, sampled_share(group)))
    if data.vote is not None:
        k, ties = data.vote.k, data.vote.ties
        note = f"{count(ties)} decided by the first answer" if ties else "no ties"
        rows.append(_sample_row(f"Majority of {k}", note, data.vote.majority))
        rows.append(_sample_row(f"Any of {k}", "at least one is right", data.vote.any_of_k))
    return [PlotGroup("", rows)] if rows else []


def _sample_row(label: str, note: str, share: Proportion) -> PlotRow:
    return PlotRow(label, f"n = {count(share.n)}; {note}", (share_point("teacher", share),))


def sampled_share(rationales: Sequence[Rationale]) -> Proportion:
    """Return the share of correct samples; samples of one question are resampled together."""
    right = [row.verdict.status == "correct" for row in rationales]
    return clustered_proportion(right, [row.question_id for row in rationales])


def difference_axis(rows: Sequence[Comparison]) -> Axis:
    """Return an axis of differences that holds every interval and zero, in round steps."""
    low = min([0.0, *(row.ci95[0] for row in rows)])
    high = max([0.0, *(row.ci95[1] for row in rows)])
    return round_axis(low, high)


def round_axis(low: float, high: float) -> Axis:
    """Return an axis from `low` to `high` or just beyond them, in round steps."""
    step = next(s for s in (0.02, 0.05, 0.1, 0.2, 0.25, 0.5) if (high - low) / s <= 6 or s == 0.5)
    first, last = math.floor(low / step), max(math.ceil(high / step), math.floor(low / step) + 1)
    ticks = tuple(round(i * step, 6) for i in range(first, last + 1))
    return Axis(ticks[0], ticks[-1], ticks)


def difference_point(row: Comparison, axis: Axis) -> Point:
    """Return the point of a difference; `note` counts the questions that decide it."""
    return point_on(
        axis,
        "difference",
        row.difference,
        row.ci95,
        value=points(row.difference),
        interval=points_interval(Interval(*row.ci95)),
        note="" if row.only_a is None else f"{count(row.only_a)} : {count(row.only_b or 0)}",
        seeds=row.seeds,
    )


def funnel_bars(funnel: Funnel | None, data: DataCounts) -> list[Bar]:
    """Return the bars from sampled to kept; without a funnel file, those that the counts give."""
    if funnel is None:
        kept = Stage(filter="kept", entered=data.sampled, kept=data.kept, dropped=data.dropped)
        funnel = Funnel(input=data.sampled, stages=(kept,), kept=data.kept)
    if not funnel.input:
        return []
    bars = [Bar("sampled", funnel.input, 100, (), 0)]
    for stage in funnel.stages:
        reasons = tuple(sorted(stage.dropped.items(), key=lambda pair: -pair[1]))
        lost = _part(stage.entered - stage.kept, funnel.input)
        bars.append(Bar(stage.filter, stage.kept, _part(stage.kept, funnel.input), reasons, lost))
    return bars


def _part(n: int, total: int) -> float:
    return round(100 * n / total, 3)
