"""The statistics behind every number that leaves the toolkit; plain functions of counts and arrays.

    wilson(260, 500)                      -> Interval(low=0.476…, high=0.563…)
    mcnemar_exact(190, 20)                -> 1.6e-35
    sign_flip_exact([3, -1, 2])           -> 0.5
    paired_bootstrap([1, 1, 0], [0, 1, 0]) -> Difference(value=0.333…, ci95=…)
    holm([0.01, 0.04, 0.03])              -> [0.03, 0.06, 0.06]

All intervals are 95 %, all tests are two-sided. Differences of two models, also where hardly any
question tells them apart, are in `cotkd.evaluation.paired`, several seeds in
`cotkd.evaluation.seeds`, what n could have shown in `cotkd.evaluation.power`. References: Wilson
(1927), "Probable inference, the law of succession, and statistical inference"; McNemar (1947),
"Note on the sampling error of the difference between correlated proportions"; Fisher (1935), "The
design of experiments", for the sign flips; Efron (1979), "Bootstrap methods"; Holm (1979), "A
simple sequentially rejective multiple test procedure"; Kish (1965), "Survey sampling".
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from cotkd.evaluation.results import Interval, Proportion

Z95 = 1.959963984540054  # the 0.975 quantile of the standard normal distribution
FEW = 4
"""Clusters unlike the most frequent one that resampling a share needs: of three, one resample in
twenty holds none."""
_FEW_DISTINCT = 128
"""Distinct units up to which counting how often each is drawn is cheaper than drawing them."""
_AT_ONCE = 1 << 21
"""Numbers held at the same time while units are drawn: 16 MB, whatever the number of draws."""


class Difference(NamedTuple):
    """A mean paired difference with its interval."""

    value: float
    ci95: Interval


def wilson(correct: float, n: float) -> Interval:
    """Return the Wilson score interval of the proportion `correct / n`.

    Both may be fractions, as where questions count less than once. Unlike the usual mean ± 1.96
    standard errors it stays inside [0, 1] and has a width at 0 and n.

    Raises:
        ValueError: n is not positive, or correct is outside 0 … n.
    """
    if n <= 0 or not 0 <= correct <= n:
        raise ValueError(f"wilson needs 0 <= correct <= n and n > 0, got {correct} of {n}")
    share, z2 = correct / n, Z95 * Z95
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return Interval(0.0 if correct == 0 else centre - half, 1.0 if correct == n else centre + half)


def proportion(correct: int, n: int) -> Proportion:
    """Return `correct` of `n` with its Wilson interval."""
    return Proportion(n=n, correct=correct, accuracy=correct / n, ci95=wilson(correct, n))


def clustered_proportion(right: Sequence[bool], clusters: Sequence[Hashable]) -> Proportion:
    """Return the share of questions that are right, with the interval of `share_interval`.

    Where every question is a cluster of its own it is `proportion`'s.

    Args:
        right: Whether each question is right.
        clusters: The cluster of each question, as in `paired_bootstrap`.
    """
    plain = proportion(sum(right), len(right))
    if len(set(clusters)) == plain.n:
        return plain
    return plain.model_copy(update={"ci95": share_interval(right, clusters=clusters)})


def share_interval(
    values: ArrayLike, *, clusters: Sequence[Hashable] | None = None, seed: int = 0
) -> Interval:
    """Return the interval of a mean of numbers in [0, 1], which resamples whole clusters.

    Where fewer than `FEW` clusters are unlike the most frequent one, all right for instance,
    resamples hardly differ: the interval then reaches at least as far as Wilson's of as many
    questions as there are clusters, fewer where some are larger than others (Kish). One cluster of
    several says nothing about another: [0, 1].

    Args:
        values: One number per question.
        clusters: The cluster of each question, as in `paired_bootstrap`.
        seed: Seed of the resampling.
    """
    scores = np.asarray(values, dtype=np.float64)
    if clusters is not None and len(set(clusters)) == 1 < scores.size:
        return Interval(0.0, 1.0)
    interval = percentiles(resampled_means(scores, seed=seed, clusters=clusters))
    if unlike_the_rest(scores, clusters) >= FEW:
        return interval
    n = effective(scores.size, clusters)
    low, high = wilson(min(n, float(scores.mean()) * n), n)
    return Interval(min(low, interval.low), max(high, interval.high))


def mcnemar_exact(only_a: int, only_b: int) -> float:
    """Return the exact two-sided p-value that a and b are equally often right.

    Only questions that one of the two got right and the other did not speak: under the null
    hypothesis `only_a` of them is binomial with probability 1/2. Without any such question p is 1.
    Computed in integers, so it is right to the last bit at any size.
    """
    if only_a < 0 or only_b < 0:
        raise ValueError(f"counts cannot be negative, got {only_a} and {only_b}")
    n, fewer = only_a + only_b, min(only_a, only_b)
    term = tail = 1
    for i in range(fewer):
        term = term * (n - i) // (i + 1)
        tail += term
    return min(1.0, 2 * tail / 2**n)


def sign_flip_exact(differences: Sequence[int]) -> float:
    """Return the exact two-sided p-value that a and b are equally often right, by cluster.

    McNemar's test takes questions for independent; those made of one template are not. Here the
    difference of a cluster (questions that a got right minus those that b did) keeps its size and
    is as likely to have the other sign under the null hypothesis. The distribution over all
    2^clusters signs is computed, not sampled; of clusters of one question it is `mcnemar_exact`.

    Args:
        differences: One whole number per cluster.
    """
    sizes = [abs(difference) for difference in differences if difference]
    if all(size == 1 for size in sizes):
        above = sum(difference > 0 for difference in differences)
        return mcnemar_exact(above, len(sizes) - above)
    total, seen = sum(sizes), abs(sum(differences))
    chance = np.zeros(total + 1)  # of each sum of the clusters that come out positive
    chance[0] = 1.0
    reach = 0
    for size in sorted(sizes):
        flipped = chance[: reach + 1] / 2
        chance[: reach + 1] /= 2
        chance[size : size + reach + 1] += flipped
        reach += size
    extreme = np.abs(2 * np.arange(total + 1) - total) >= seen
    return min(1.0, math.fsum(chance[extreme]))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted for their number by Holm's method, in the same order.

    Rejecting those of at most 0.05 keeps the chance of any false rejection at 5 %, whatever the
    dependence between the tests.
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = highest
    return adjusted


def paired_bootstrap(
    a: ArrayLike,
    b: ArrayLike,
    *,
    draws: int = 10_000,
    seed: int = 0,
    clusters: Sequence[Hashable] | None = None,
) -> Difference:
    """Return mean(a) - mean(b) with its percentile bootstrap interval.

    Args:
        a: One score per question, e.g. 1 for right and 0 for not.
        b: The scores of the other model on the same questions in the same order.
        draws: Bootstrap resamples.
        seed: Seed of the resampling; the same seed gives the same interval.
        clusters: The cluster of each question (its template, its seed question); whole clusters
            are resampled then. None: every question stands for itself.

    Raises:
        ValueError: a and b differ in length or are empty.
    """
    left, right = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if left.ndim != 1 or left.shape != right.shape or left.size == 0:
        raise ValueError(f"need paired scores, got shapes {left.shape} and {right.shape}")
    means = resampled_means(left - right, draws=draws, seed=seed, clusters=clusters)
    return Difference(math.fsum(left - right) / left.size, percentiles(means))


def percentiles(values: np.ndarray) -> Interval:
    """Return the interval that leaves a fortieth of the values out at each end."""
    low, high = np.quantile(values, (0.025, 0.975))
    return Interval(float(low), float(high))


def resampled_means(
    values: ArrayLike,
    *,
    draws: int = 10_000,
    seed: int = 0,
    clusters: Sequence[Hashable] | None = None,
) -> np.ndarray:
    """Return the mean of each of `draws` bootstrap resamples of `values`: [draws].

    Memory does not grow with `draws` times the number of values.

    Args:
        values: One number per question: [questions].
        draws: Bootstrap resamples.
        seed: Seed of the resampling.
        clusters: The cluster of each question, as in `paired_bootstrap`.
    """
    units = _units(np.asarray(values, dtype=np.float64), clusters)
    # Units with equal values are exchangeable, so how often each distinct one is drawn is
    # multinomial: the same distribution as drawing one by one, at a fraction of the work.
    distinct, counts = np.unique(units, axis=0, return_counts=True)
    rng, total = np.random.default_rng(seed), len(units)
    few = len(distinct) <= _FEW_DISTINCT
    at_once = max(1, _AT_ONCE // (len(distinct) if few else total))
    found = np.empty(draws)
    for start in range(0, draws, at_once):
        rows = min(at_once, draws - start)
        if few:
            sums = rng.multinomial(total, counts / total, size=rows) @ distinct
        else:
            sums = units[rng.integers(0, total, size=(rows, total))].sum(axis=1)
        found[start : start + rows] = sums[:, 0] / sums[:, 1]
    return found


def _units(values: np.ndarray, clusters: Sequence[Hashable] | None) -> np.ndarray:
    """Return one row (sum of values, number of questions) per resampled unit: [U, 2]."""
    if clusters is None:
        return np.stack([values, np.ones_like(values)], axis=1)
    index = cluster_numbers(clusters, len(values))
    return np.stack([np.bincount(index, weights=values), np.bincount(index)], axis=1)


def unlike_the_rest(values: ArrayLike, clusters: Sequence[Hashable] | None = None) -> int:
    """Return how many units do not have the most frequent mean of `values`.

    Args:
        values: One number per question.
        clusters: The cluster of each question; None: each is a unit of its own.
    """
    units = _units(np.asarray(values, dtype=np.float64), clusters)
    _, counts = np.unique(units[:, 0] / units[:, 1], return_counts=True)
    return len(units) - int(counts.max())


def effective(questions: int, clusters: Sequence[Hashable] | None = None) -> float:
    """Return how many independent questions tell as much as these where clusters are all alike.

    Clusters of one size count once each, others less (Kish): n² over the sum of squared sizes.
    """
    if clusters is None:
        return float(questions)
    sizes = np.bincount(cluster_numbers(clusters, questions))
    return float(questions * questions / np.square(sizes).sum())


def cluster_numbers(clusters: Sequence[Hashable], questions: int) -> np.ndarray:
    """Return the number of each question's cluster, from 0 in order of appearance: [questions]."""
    if len(clusters) != questions:
        raise ValueError(f"{len(clusters)} cluster labels for {questions} questions")
    number: dict[Hashable, int] = {}
    return np.array([number.setdefault(label, len(number)) for label in clusters])


def t_interval(values: Sequence[float]) -> Interval:
    """Return Student's interval of the mean of `values` (one per seed; at least two)."""
    if len(values) < 2:
        raise ValueError(f"an interval over seeds needs at least two seeds, got {len(values)}")
    from scipy.stats import t

    mean = math.fsum(values) / len(values)
    half = float(t.ppf(0.975, len(values) - 1)) * _standard_error(values)
    return Interval(mean - half, mean + half)


def t_test(values: Sequence[float]) -> float:
    """Return the two-sided p-value that the mean of `values` (one per seed) is zero."""
    if len(values) < 2:
        raise ValueError(f"a test over seeds needs at least two seeds, got {len(values)}")
    from scipy.stats import t

    mean, error = math.fsum(values) / len(values), _standard_error(values)
    if error == 0:
        return 1.0 if mean == 0 else 0.0
    return float(2 * t.sf(abs(mean) / error, len(values) - 1))


def _standard_error(values: Sequence[float]) -> float:
    if min(values) == max(values):  # rounding of the mean must not pass for spread
        return 0.0
    return float(np.std(values, ddof=1)) / math.sqrt(len(values))
