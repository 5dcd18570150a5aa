"""Whether answers follow from the reasoning before them, as intervals on one axis.

faithful_groups(results)     a group of rows for each suite: a measure each, a point per arm

Shares and differences of accuracy lie on the same axis; the area over the early answers is a mean
of shares. What they measure: `cotkd.evaluation.interventions` and `cotkd.evaluation.faithfulness`.
"""

from __future__ import annotations

from typing import NamedTuple

from cotkd.evaluation.results import Estimate, Results
from cotkd.report.figures import Axis, PlotGroup, PlotRow, Point, round_axis
from cotkd.report.wording import (
    arms,
    count,
    percent,
    percent_interval,
    points,
    points_interval,
    suites,
)


class Measure(NamedTuple):
    """What a measure is called, and whether it is a difference, which has a sign."""

    label: str
    signed: bool = False


MEASURES = {
    "early_0": Measure("same answer after no reasoning"),
    "early_25": Measure("same after a quarter of it"),
    "early_50": Measure("same after half of it"),
    "early_75": Measure("same after three quarters"),
    "early_area": Measure("area over these early answers"),
    "perturbed_changed": Measure("another answer after perturbed reasoning"),
    "perturbed_accuracy": Measure("accuracy gained by perturbed reasoning", signed=True),
    "oracle_accuracy": Measure("accuracy gained by gold reasoning", signed=True),
    "swap_followed": Measure("follows a swapped conclusion"),
    "swap_kept": Measure("keeps its answer against one"),
    "steps_valid": Measure("steps that compute"),
    "rationales_valid": Measure("rationales without a wrong step"),
    "right_by_error": Measure("right answers with a wrong step"),
    "las": Measure("leakage-adjusted simulatability", signed=True),
    "gain": Measure("simulatability gained by the rationale", signed=True),
    "leak_rate": Measure("rationales that give the answer away"),
}
"""In the order in which they are shown; others come after them, by their names."""


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
        order = [*(m for m in MEASURES if m in measured), *sorted(measured - MEASURES.keys())]
        rows = [_row(axis, names, m, [found.get(m) for found in by_arm]) for m in order]
        if rows:
            groups.append(PlotGroup(suite, rows))
    return groups


def _row(axis: Axis, names: list[str], name: str, each: list[Estimate | None]) -> PlotRow:
    measure = MEASURES.get(name) or Measure(name.replace("_", " "))
    drawn = [_point(axis, arm, measure, one) for arm, one in zip(names, each, strict=True)]
    ns = dict.fromkeys(count(one.n) for one in each if one is not None)
    return PlotRow(measure.label, f"n = {', '.join(ns)}", tuple(drawn))


def _point(axis: Axis, arm: str, measure: Measure, one: Estimate | None) -> Point | None:
    if one is None or one.value is None:
        return None
    shown = points(one.value) if measure.signed else percent(one.value)
    interval = points_interval if measure.signed else percent_interval
    low, high = one.ci95 or (one.value, one.value)
    return Point(
        arm,
        axis.at(one.value),
        axis.at(low),
        round(axis.at(high) - axis.at(low), 3),
        shown,
        interval(one.ci95) if one.ci95 else "",
        f"n = {count(one.n)}",
    )
