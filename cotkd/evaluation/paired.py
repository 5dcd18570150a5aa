"""The difference of two models on the same questions, with an interval that is never without width.

    paired_difference([1] * 20, [0] * 20)   -> Difference(value=1.0, ci95=Interval(0.678, 1.0))
    tango(0, 0, 30)                         -> Interval(-0.114, 0.114)

The bootstrap shows what other draws of these questions would have shown. Where hardly any of them
differs from the rest it has next to nothing to draw from: of 20 questions that one model alone gets
right every resample says 100 points, of 30 on which both agree every one says 0. The rule:

    fewer than `FEW` units are unlike the most frequent one    Tango's score interval
    otherwise                                                  percentiles of the bootstrap

A unit is a question, or a cluster of them by its mean difference; below 15 questions it is
therefore always Tango's. Scores that are fractions are always resampled. Clusters count as that
many questions with the same shares, fewer where some are larger than others (Kish): right where the
questions of a cluster are all alike, otherwise too wide.

References: Tango (1998), "Equivalence test and confidence interval for the difference in
proportions for the paired-sample design"; Kish (1965), "Survey sampling"; for the draws, Schweder
and Hjort (2016), "Confidence, likelihood, probability".
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from cotkd.evaluation.results import Interval
from cotkd.evaluation.statistics import (
    Z95,
    Difference,
    effective,
    paired_bootstrap,
    resampled_means,
    unlike_the_rest,
)

FEW = 10
"""Units unlike the most frequent one that the bootstrap needs."""
_FARTHEST = 8.0
"""Standard errors beyond which no draw lies: one in 10^15."""
_GRID = 2001


def paired_difference(
    a: ArrayLike,
    b: ArrayLike,
    *,
    draws: int = 10_000,
    seed: int = 0,
    clusters: Sequence[Hashable] | None = None,
) -> Difference:
    """Return mean(a) - mean(b) with its interval, by the rule above.

    Args:
        a: One score in [0, 1] per question, e.g. 1 for right and 0 for not.
        b: The scores of the other model on the same questions in the same order.
        draws: Bootstrap resamples.
        seed: Seed of the resampling.
        clusters: The cluster of each question, as in `paired_bootstrap`.

    Raises:
        ValueError: a and b differ in length or are empty.
    """
    found = paired_bootstrap(a, b, draws=draws, seed=seed, clusters=clusters)
    values = np.asarray(a, dtype=np.float64) - np.asarray(b, dtype=np.float64)
    if not _tells_little(values, clusters):
        return found
    return found._replace(ci95=tango(*_discordant(values, clusters)))


def difference_draws(
    values: ArrayLike,
    *,
    most: int = 1,
    draws: int = 10_000,
    seed: int = 0,
    clusters: Sequence[Hashable] | None = None,
) -> np.ndarray:
    """Return draws of a mean difference whose percentiles are its interval by the rule: [draws].

    Where the rule takes Tango's they are draws from the confidence distribution: the differences
    that are as many standard errors away as a normal number says, in equal steps of probability.

    Args:
        values: One difference per question, in [-most, most]; whole numbers where every score is
            right or wrong.
        most: What a difference of 1 is in `values`.
        draws: How many.
        seed: Their seed.
        clusters: The cluster of each question, as in `paired_bootstrap`.
    """
    values = np.asarray(values, dtype=np.float64)
    if not _tells_little(values, clusters):
        return resampled_means(values, draws=draws, seed=seed, clusters=clusters) / most
    from scipy.stats import norm

    counts = _discordant(values / most, clusters)
    ends = tango(*counts, z=_FARTHEST)
    grid = np.linspace(ends.low, ends.high, _GRID)
    errors = -_errors(grid, *counts)  # rising with the difference, as `np.interp` asks
    steps = norm.ppf((np.arange(draws) + 0.5) / draws)
    found = np.interp(steps, errors, grid)
    return np.random.default_rng(seed).permutation(found)


def tango(only_a: float, only_b: float, n: float, *, z: float = Z95) -> Interval:
    """Return Tango's score interval of `(only_a - only_b) / n`.

    All differences that a score test does not reject: at zero McNemar's. It has a width at -1, 0
    and 1; of a single question it is [-0.59, 1], [-0.79, 0.79] or [-1, 0.59].

    Args:
        only_a: Questions that a alone got right; a fraction where scores are fractions.
        only_b: Likewise of b.
        n: All questions.
        z: Standard errors to each side.

    Raises:
        ValueError: n is not positive, or the counts are negative or more than n.
    """
    if n <= 0 or only_a < 0 or only_b < 0 or only_a + only_b > n * (1 + 1e-9):
        raise ValueError(f"tango needs 0 <= only_a + only_b <= n, got {only_a}, {only_b} of {n}")
    high = _limit(only_a, only_b, n, z)
    return Interval(-_limit(only_b, only_a, n, z), high)


def _limit(only_a: float, only_b: float, n: float, z: float) -> float:
    """Return the largest difference that lies at most `z` standard errors above the one seen."""
    low, high = (only_a - only_b) / n, 1.0
    if 1 - low < 1e-12 or _errors(np.array([1 - 1e-12]), only_a, only_b, n)[0] > -z:
        return 1.0
    while high - low > 1e-12:
        middle = (low + high) / 2
        inside = _errors(np.array([middle]), only_a, only_b, n)[0] >= -z
        low, high = (middle, high) if inside else (low, middle)
    return high


def _errors(differences: np.ndarray, only_a: float, only_b: float, n: float) -> np.ndarray:
    """Return how many standard errors each difference lies below the one that was seen.

    The errors are those under that difference, with the likeliest share of the questions that b
    alone gets right (Tango's equation 12).
    """
    linear = (2 * n - only_a + only_b) * differences - only_a - only_b
    constant = -only_b * differences * (1 - differences)
    root = np.sqrt(np.maximum(0.0, linear * linear - 8 * n * constant))
    share = (root - linear) / (4 * n)
    variance = n * (2 * share + differences * (1 - differences))
    distance = only_a - only_b - n * differences
    with np.errstate(divide="ignore", invalid="ignore"):
        found = distance / np.sqrt(np.maximum(variance, 0.0))
    return np.where(np.abs(distance) < 1e-9, 0.0, found)


def _tells_little(values: np.ndarray, clusters: Sequence[Hashable] | None) -> bool:
    """Return whether there is too little to resample."""
    whole = bool((values == np.round(values)).all())
    return whole and unlike_the_rest(values, clusters) < FEW


def _discordant(
    values: np.ndarray, clusters: Sequence[Hashable] | None
) -> tuple[float, float, float]:
    """Return how many questions a alone and b alone got right, of how many that tell."""
    n = effective(values.size, clusters)
    per = n / values.size
    return float(values[values > 0].sum()) * per, float(-values[values < 0].sum()) * per, n
