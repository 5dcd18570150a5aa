"""What suites tell beside one accuracy: their parts, and other figures of each arm.

part_groups(results)         plots of accuracy by number of steps, operation, perturbation
further_figures(results)     a table for each arm: figures down, suites across
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cotkd.evaluation.results import Proportion, Results, SampledAnswers, SuiteScore
from cotkd.report.figures import PlotGroup, PlotRow, share_row
from cotkd.report.wording import arms, count, denominator, percent, percent_interval, suites

OPERATIONS = {"+": "addition", "-": "subtraction", "*": "multiplication", "/": "division"}


def part_groups(results: Results) -> list[PlotGroup]:
    """Return a group of rows for each tag of each suite, with a point per arm."""
    names = arms(results)
    groups = []
    for suite in suites(results):
        scores = [results.scores[arm].get(suite) for arm in names]
        tags = dict.fromkeys(tag for score in scores if score for tag in score.by)
        for tag in tags:
            by_arm = [score.by.get(tag, {}) if score else {} for score in scores]
            values = dict.fromkeys(value for parts in by_arm for value in parts)
            rows = [_part_row(names, tag, v, [parts.get(v) for parts in by_arm]) for v in values]
            groups.append(PlotGroup(f"{suite} by {tag.replace('_', ' ')}", rows))
    return groups


def _part_row(names: list[str], tag: str, value: str, shares: list[Proportion | None]) -> PlotRow:
    label = OPERATIONS.get(value, value)
    label = f"{value} step{'' if value == '1' else 's'}" if tag == "steps" else label
    return share_row(label, list(zip(names, shares, strict=True)))


class Cell(NamedTuple):
    """A figure, and its interval or what else belongs to it."""

    value: str
    note: str = ""


class Further(NamedTuple):
    """The figures of one arm: a row for each, a column for each suite."""

    arm: str
    suites: tuple[tuple[str, str], ...]
    """Suite and n."""
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


def further_figures(results: Results) -> list[Further]:
    """Return what suites have been measured for beside accuracy, by arm."""
    tables = []
    for arm in arms(results):
        scores = results.scores[arm]
        cells = {suite: dict(_cells(scores[suite])) for suite in suites(results) if suite in scores}
        cells = {suite: found for suite, found in cells.items() if found}
        names = dict.fromkeys(name for found in cells.values() for name in found)
        if names:
            rows = tuple(
                (name, tuple(found.get(name, Cell("–")) for found in cells.values()))
                for name in names
            )
            heads = tuple((s, denominator(scores[s].n, scores[s].seeds)) for s in cells)
            tables.append(Further(arm, heads, rows))
    return tables


def _cells(score: SuiteScore) -> Iterator[tuple[str, Cell]]:
    if score.truncated is not None:
        yield "cut off at the token limit", Cell(count(score.truncated))
    if score.sampled is not None:
        yield from _sampled(score.sampled)
    if score.latency is not None:
        slow = f"95 of 100 within {score.latency.p95:.3g}, n = {count(score.latency.n)}"
        yield "seconds per answer, median", Cell(f"{score.latency.median:.3g}", slow)
    for name, value in score.metrics.items():
        yield name.replace("_", " "), Cell(figure(value))


def _sampled(sampled: SampledAnswers) -> Iterator[tuple[str, Cell]]:
    yield f"majority of {sampled.k}, temperature {sampled.temperature:g}", _share(sampled.majority)
    if sampled.weighted is not None:
        yield f"majority of {sampled.k}, weighted by probability", _share(sampled.weighted)
    for k, value in sampled.pass_at.items():
        yield f"pass@{k}", Cell(percent(value), f"of {sampled.k} samples")
    if sampled.calibration is not None:
        yield "calibration error of the vote share", Cell(figure(sampled.calibration.ece))


def _share(share: Proportion) -> Cell:
    return Cell(percent(share.accuracy), percent_interval(share.ci95))


def figure(value: float) -> str:
    """Return a figure of unknown unit with three decimals, or one where it is large."""
    return f"{value:.3f}" if abs(value) < 10 else f"{value:,.1f}"
