"""The headline plot: how far the student is from baseline and teacher, in distribution and beyond.

    In distribution    microgsm, n = 500              student 52.8 [48.4 – 57.1]   baseline …
    Other suites       6 suites, n = 1,200 together   student 21.9 [19.7 – 24.3]   baseline …

Every question counts once. Over several seeds each seed gives one share of all its questions, and
the interval is Student's t over these.
"""

from __future__ import annotations

import math

from cotkd.evaluation.results import Interval, Proportion, Results, SuiteScore
from cotkd.evaluation.statistics import proportion, t_interval
from cotkd.report.figures import PlotGroup, PlotRow, share_point
from cotkd.report.wording import arms, asked, suites


def headline(results: Results) -> list[PlotGroup]:
    """Return the rows of the headline plot; empty without scores."""
    names = headline_arms(results)
    if not names:
        return []
    first, *others = suites(results)
    shared = [suite for suite in others if all(suite in results.scores[arm] for arm in names)]
    rows = [_row(results, names, "In distribution", [first])]
    if shared:
        rows.append(_row(results, names, "Other suites", shared))
    return [PlotGroup("", rows)]


def headline_arms(results: Results) -> list[str]:
    """Return the arms that answered the first suite, without further heads."""
    if not suites(results):
        return []
    first = suites(results)[0]
    return [arm for arm in arms(results) if ":" not in arm and first in results.scores[arm]]


def _row(results: Results, names: list[str], label: str, chosen: list[str]) -> PlotRow:
    shares = [together([results.scores[arm][suite] for suite in chosen]) for arm in names]
    what = chosen[0] if len(chosen) == 1 else f"{len(chosen)} suites"
    note = f"{what}, {asked(zip(names, shares, strict=True))}"
    drawn = [share_point(arm, share) for arm, share in zip(names, shares, strict=True)]
    return PlotRow(label, note, tuple(drawn))


def together(scores: list[SuiteScore]) -> Proportion:
    """Return the share of right answers over the questions of several suites."""
    n, correct = sum(score.n for score in scores), sum(score.correct for score in scores)
    if len(scores) == 1:
        return scores[0]
    if any(score.seeds is None for score in scores):
        return proportion(correct, n)
    by_seed = zip(*(score.seeds or () for score in scores), strict=True)
    each = tuple(
        math.fsum(share * score.n for share, score in zip(shares, scores, strict=True)) / n
        for shares in by_seed
    )
    low, high = t_interval(each)
    if low == high:  # seeds that agree say nothing about the mean: the hull, as for one suite
        low, high = proportion(correct, n).ci95
    return Proportion(
        n=n,
        correct=correct,
        accuracy=math.fsum(each) / len(each),
        ci95=Interval(max(0.0, low), min(1.0, high)),
        seeds=each,
    )
