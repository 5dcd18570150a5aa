"""Whether answers follow from the reasoning before them, as intervals on one axis.

faithful_groups(results)     a group of rows for each suite: a measure each, a point per arm

Shares and differences of accuracy lie on the same axis; the area over the early answers is a mean
of shares. What they measure: `cotkd.evaluation.interventions` and `cotkd.evaluation.faithfulness`.
"""

from __future__ import annotations

from cotkd.evaluation.results import Estimate, Results
from cotkd.report.figures import Axis, PlotGroup, PlotRow, Point, point_on, round_axis
from cotkd.report.probes import in_order, measure_name
from cotkd.report.wording import (
    arms,
    count,
    percent,
    percent_interval,
    points,
    points_interval,
    suites,
)

SIGNED = ("perturbed_accuracy", "oracle_accuracy", "las", "gain")
"""Measures that are differences, shown in points with their sign; the others are shares."""


def faithful_arms(results: Results) -> list[str]:
    """Return the arms of which something was measured."""
    return [
        arm
        for arm in arms(results)
        if any(score.faithfulness for score in results.scores[arm].values())
    ]


def faithful_axis(results: Results) -> Axis:
    """Return an axis that holds every interval, zero and one."""
    found = [
        one
        for arm in faithful_arms(results)
        for score in results.scores[arm].values()
        for one in score.faithfulness.values()
    ]
    lows = [one.ci95.low for one in found if one.ci95] + [one.value or 0.0 for one in found]
    return round_axis(min([0.0, *lows]), 1.0)


def faithful_groups(results: Results) -> list[PlotGroup]:
    """Return the measures of each suite; empty where none were taken."""
    names, axis = faithful_arms(results), faithful_axis(results)
    groups = []
    for suite in suites(results):
        by_arm = [
            results.scores[arm][suite].faithfulness if suite in results.scores[arm] else {}
            for arm in names
        ]
        measured = {measure for found in by_arm for measure in found}
        rows = [_row(axis, names, m, [f.get(m) for f in by_arm]) for m in in_order(measured)]
        if rows:
            groups.append(PlotGroup(suite, rows))
    return groups


def _row(axis: Axis, names: list[str], name: str, each: list[Estimate | None]) -> PlotRow:
    drawn = [_point(axis, arm, name, one) for arm, one in zip(names, each, strict=True)]
    ns = dict.fromkeys(count(one.n) for one in each if one is not None)
    return PlotRow(measure_name(name), f"n = {', '.join(ns)}", tuple(drawn))


def _point(axis: Axis, arm: str, name: str, one: Estimate | None) -> Point | None:
    if one is None or one.value is None:
        return None
    shown = points(one.value) if name in SIGNED else percent(one.value)
    interval = points_interval if name in SIGNED else percent_interval
    return point_on(
        axis,
        arm,
        one.value,
        one.ci95 or (one.value, one.value),
        value=shown,
        interval=interval(one.ci95) if one.ci95 else "",
        note=f"n = {count(one.n)}",
    )
