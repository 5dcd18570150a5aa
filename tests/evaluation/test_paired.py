"""Differences of which the questions show little: an interval that holds what it promises."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from cotkd.evaluation.compare import compare_over_seeds
from cotkd.evaluation.paired import FEW, difference_draws, paired_difference, tango
from cotkd.evaluation.seeds import compare_seeds
from cotkd.evaluation.statistics import (
    clustered_proportion,
    effective,
    mcnemar_exact,
    paired_bootstrap,
    unlike_the_rest,
    wilson,
)
from tests.evaluation.rows import predictions

NAMES = ("a", "b")
EDGES = [
    pytest.param([0] * 20, [1] * 20, id="none of 20 against all"),
    pytest.param([1], [0], id="one of one against none"),
    pytest.param([1], [1], id="one question, both right"),
    pytest.param([0] * 30, [0] * 30, id="none of 30 against none"),
    pytest.param([1] * 200, [1] * 199 + [0], id="one of 200"),
]
Z2 = stats.norm.ppf(0.975) ** 2


@pytest.mark.parametrize(("a", "b"), EDGES)
@pytest.mark.parametrize("seeds", [1, 2])
@pytest.mark.parametrize("clusters", [1, 4])
def test_an_interval_has_a_width_at_the_edges(
    a: list[int], b: list[int], seeds: int, clusters: int
) -> None:
    left, right = predictions(a), predictions(b)
    labels = {row.question_id: str(place // clusters) for place, row in enumerate(left)}
    found = compare_over_seeds(
        [left] * seeds,
        [right] * seeds,
        names=NAMES,
        suite="s",
        clusters=labels if clusters > 1 else None,
    )
    low, high = found.ci95
    assert low <= found.difference <= high
    assert -1 <= low < high <= 1
    assert high - low > min(1.5, 4.5 / len(a))  # three of n are not ruled out by none of n
    if len(a) == 20:
        assert high < 0


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        # where nothing is discordant, and where all is, the score equation has a short solution
        ((0, 0, 30), (-Z2 / (30 + Z2), Z2 / (30 + Z2))),
        ((20, 0, 20), ((20 - Z2) / (20 + Z2), 1.0)),
        ((0, 20, 20), (-1.0, (Z2 - 20) / (20 + Z2))),
        ((1, 0, 1), ((1 - Z2) / (1 + Z2), 1.0)),
    ],
)
def test_the_score_interval_at_the_edges_is_known(counts, expected) -> None:
    assert tango(*counts) == pytest.approx(expected, abs=1e-9)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 200))
@settings(deadline=None)
def test_the_score_interval_leaves_zero_out_where_mcnemars_score_test_rejects(b, c, more) -> None:
    n = b + c + more
    low, high = tango(b, c, n)
    assert -1 <= low <= (b - c) / n <= high <= 1
    assert tango(c, b, n) == pytest.approx((-high, -low), abs=1e-9)
    score = (b - c) ** 2 / (b + c) if b + c else 0.0
    if abs(score - Z2) > 1e-6:
        assert (low > 0 or high < 0) == (score > Z2)


@pytest.mark.parametrize("counts", [(-1, 2, 4), (3, 2, 4), (0, 0, 0)])
def test_impossible_counts_are_refused(counts) -> None:
    with pytest.raises(ValueError, match="tango needs"):
        tango(*counts)


def test_enough_differing_questions_leave_the_bootstrap_as_it_is() -> None:
    a, b = [1] * 10 + [0] * 50, [0] * 60
    assert unlike_the_rest(np.subtract(a, b)) == FEW
    assert paired_difference(a, b, seed=3) == paired_bootstrap(a, b, seed=3)
    assert paired_difference(a[1:], b[1:]).ci95 == tango(9, 0, 59)


def test_scores_that_are_fractions_are_resampled() -> None:
    a, b = [0.5] * 20, [0.25] * 20
    assert paired_difference(a, b) == paired_bootstrap(a, b)


def _coverage(n: int, share_a: float, share_b: float, rounds: int = 1500) -> float:
    """Return how often the interval holds the true difference of two simulated models."""
    rng = np.random.default_rng([n, int(1000 * share_a), int(1000 * share_b)])
    counts = rng.multinomial(n, [share_a, share_b, 1 - share_a - share_b], size=rounds)
    true = share_a - share_b
    outcomes, times = np.unique(counts, axis=0, return_counts=True)
    held = 0
    for (only_a, only_b, same), often in zip(outcomes, times, strict=True):
        a = [1] * only_a + [0] * (only_b + same)
        b = [0] * only_a + [1] * only_b + [0] * same
        low, high = paired_difference(a, b, draws=1000).ci95
        held += often * (low - 1e-9 <= true <= high + 1e-9)
    return held / rounds


@pytest.mark.parametrize(
    ("n", "share_a", "share_b"),
    [
        (20, 0.97, 0.0),
        (20, 0.05, 0.05),
        (20, 0.1, 0.0),
        (30, 0.02, 0.02),
        (30, 0.1, 0.02),
        (100, 0.03, 0.0),
        (100, 0.02, 0.02),
        (400, 0.005, 0.005),
    ],
)
def test_intervals_hold_the_true_difference_as_often_as_they_promise(n, share_a, share_b) -> None:
    assert _coverage(n, share_a, share_b) > 0.93


def test_the_bootstrap_alone_would_not() -> None:
    rng, held = np.random.default_rng(0), 0
    for _ in range(300):
        kinds = rng.choice(3, size=30, p=[0.04, 0.0, 0.96])
        low, high = paired_bootstrap(kinds == 0, np.zeros(30), draws=300).ci95
        held += low <= 0.04 <= high
    assert held / 300 < 0.75


@pytest.mark.parametrize("correlated", [True, False])
def test_intervals_of_clusters_hold_the_true_difference(correlated: bool) -> None:
    """30 templates of 5 questions each; one in twenty differs, as a whole or one by one."""
    rng, held, rounds = np.random.default_rng(5), 0, 400
    clusters = np.repeat(np.arange(30), 5)
    for _ in range(rounds):
        drawn = rng.random(30 if correlated else 150) < 0.05
        a = np.repeat(drawn, 5) if correlated else drawn
        low, high = paired_difference(a, np.zeros(150), draws=400, clusters=clusters).ci95
        held += low <= 0.05 <= high
    assert held / rounds > 0.93


def test_intervals_over_seeds_hold_the_true_difference_where_few_questions_differ() -> None:
    rng, held, rounds = np.random.default_rng(7), 0, 300
    for _ in range(rounds):
        right = rng.random(40) < 0.5
        lost = rng.random(40) < 0.04  # what one of the two can never do, whatever its seed
        a, b = np.tile(right, (3, 1)), np.tile(right & ~lost, (2, 1))
        low, high = compare_seeds(a, b, draws=1000).ci95
        held += low - 1e-9 <= 0.02 <= high + 1e-9
    assert held / rounds > 0.93


@pytest.mark.parametrize("counts", [(0, 0, 30), (20, 0, 20), (3, 1, 60), (1, 0, 1)])
def test_draws_have_the_percentiles_of_the_score_interval(counts) -> None:
    only_a, only_b, n = counts
    values = [1] * only_a + [-1] * only_b + [0] * (n - only_a - only_b)
    found = np.quantile(difference_draws(values, draws=20_000), (0.025, 0.975))
    assert found == pytest.approx(tango(*counts), abs=1e-3)
    assert np.array_equal(difference_draws(values, seed=4), difference_draws(values, seed=4))


def test_one_question_decides_nothing_however_many_seeds_agree() -> None:
    found = compare_seeds([[1], [1]], [[0], [0]])
    assert found.p_value > 0.2
    assert found.ci95.low < 0 < found.ci95.high == 1
    many = compare_seeds([[1] * 20] * 2, [[0] * 20] * 2)
    assert many.p_value < 0.001
    assert mcnemar_exact(20, 0) < 0.001


def test_clusters_that_hardly_differ_have_an_interval_of_shares_with_a_width() -> None:
    clusters = [place // 5 for place in range(100)]
    right = [True] * 95 + [False] * 5
    low, high = clustered_proportion(right, clusters).ci95
    assert (low, high) == (pytest.approx(wilson(19, 20).low), 1.0)
    assert clustered_proportion([True] * 100, clusters).ci95 == wilson(20, 20)


def test_a_large_cluster_tells_less_than_as_many_small_ones() -> None:
    assert effective(12) == 12
    assert effective(12, [place // 3 for place in range(12)]) == 4
    assert effective(12, [0] * 9 + [1, 2, 3]) == pytest.approx(144 / 84)
    uneven, even = [0] * 17 + [1, 2, 3], [place // 5 for place in range(20)]
    wide, plain = (clustered_proportion([True] * 20, labels).ci95 for labels in (uneven, even))
    assert wide.low < plain.low
