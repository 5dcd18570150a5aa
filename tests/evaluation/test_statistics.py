import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from cotkd.evaluation.statistics import (
    clustered_proportion,
    holm,
    mcnemar_exact,
    paired_bootstrap,
    proportion,
    resampled_means,
    sign_flip_exact,
    t_interval,
    t_test,
    wilson,
)

bits = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=60)


@given(st.integers(1, 3000), st.data())
def test_wilson_agrees_with_scipy(n, data):
    correct = data.draw(st.integers(0, n))
    theirs = stats.binomtest(correct, n).proportion_ci(0.95, method="wilson")
    assert wilson(correct, n) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


@given(st.integers(1, 500), st.data())
def test_wilson_of_failures_is_the_mirror_of_wilson_of_successes(n, data):
    correct = data.draw(st.integers(0, n))
    low, high = wilson(correct, n)
    assert wilson(n - correct, n) == pytest.approx((1 - high, 1 - low))
    assert 0 <= low <= correct / n <= high <= 1


@pytest.mark.parametrize(("correct", "n"), [(0, 0), (-1, 5), (6, 5)])
def test_wilson_refuses_impossible_counts(correct, n):
    with pytest.raises(ValueError, match="wilson needs"):
        wilson(correct, n)


@given(st.integers(0, 400), st.integers(0, 400))
def test_mcnemar_agrees_with_the_exact_binomial_test(only_a, only_b):
    expected = stats.binomtest(only_a, only_a + only_b).pvalue if only_a + only_b else 1.0
    assert mcnemar_exact(only_a, only_b) == pytest.approx(expected, rel=1e-9)
    assert mcnemar_exact(only_a, only_b) == mcnemar_exact(only_b, only_a)


def test_mcnemar_equals_the_count_of_all_sign_patterns():
    only_a, only_b = 9, 2
    n = only_a + only_b
    as_extreme = sum(
        abs(2 * sum(signs) - n) >= only_a - only_b for signs in itertools.product((0, 1), repeat=n)
    )
    assert mcnemar_exact(only_a, only_b) == as_extreme / 2**n


def test_mcnemar_stands_large_counts():
    assert mcnemar_exact(5000, 5000) == 1.0
    assert 0 < mcnemar_exact(1000, 200) < 1e-100


@settings(deadline=None)
@given(bits)
def test_bootstrap_value_is_the_difference_of_means_and_swapping_flips_it(pairs):
    a, b = zip(*pairs, strict=True)
    forward, backward = paired_bootstrap(a, b, draws=200), paired_bootstrap(b, a, draws=200)
    assert forward.value == pytest.approx(np.mean(a) - np.mean(b))
    assert forward.value == -backward.value
    assert -1 <= forward.ci95.low <= forward.ci95.high <= 1


def test_a_model_does_not_differ_from_itself():
    scores = [1, 0, 1, 1]
    assert paired_bootstrap(scores, scores) == (0.0, (0.0, 0.0))


def test_bootstrap_is_a_function_of_its_seed():
    a, b = [1] * 30 + [0] * 20, [0] * 15 + [1] * 10 + [0] * 25
    intervals = [paired_bootstrap(a, b, seed=seed, draws=50).ci95 for seed in (3, 3, 4)]
    assert intervals[0] == intervals[1] != intervals[2]


def test_multinomial_shortcut_has_the_distribution_of_drawing_questions_one_by_one():
    rng = np.random.default_rng(0)
    a, b = (rng.random(80) < 0.7).astype(float), (rng.random(80) < 0.4).astype(float)
    index = rng.integers(0, 80, size=(40_000, 80))
    plain = np.quantile((a - b)[index].mean(axis=1), (0.025, 0.975))
    assert paired_bootstrap(a, b, draws=40_000).ci95 == pytest.approx(plain, abs=0.013)


def test_bootstrap_of_a_tiny_sample_agrees_with_full_enumeration():
    a, b = np.array([1.0, 1, 0, 1]), np.array([0.0, 1, 1, 0])
    means = [np.mean((a - b)[list(index)]) for index in itertools.product(range(4), repeat=4)]
    expected = np.quantile(means, (0.025, 0.975))
    assert paired_bootstrap(a, b, draws=100_000).ci95 == pytest.approx(expected, abs=1e-9)


def test_clusters_of_one_question_change_nothing_and_copies_carry_no_information():
    a, b = [1, 0, 1, 1, 0, 1] * 5, [0, 0, 1, 0, 1, 0] * 5
    plain = paired_bootstrap(a, b)
    assert paired_bootstrap(a, b, clusters=range(30)) == plain
    copied = paired_bootstrap(a * 4, b * 4, clusters=list(range(30)) * 4)
    assert copied.ci95 == pytest.approx(tuple(plain.ci95))
    naive = paired_bootstrap(a * 4, b * 4).ci95
    assert naive.high - naive.low < 0.7 * (plain.ci95.high - plain.ci95.low)


@pytest.mark.parametrize(("a", "b"), [([], []), ([1, 0], [1]), ([[1]], [[0]])])
def test_bootstrap_refuses_scores_that_are_not_paired(a, b):
    with pytest.raises(ValueError, match="paired"):
        paired_bootstrap(a, b)


def test_bootstrap_refuses_a_wrong_number_of_cluster_labels():
    with pytest.raises(ValueError, match="1 cluster labels for 2"):
        paired_bootstrap([1, 0], [0, 0], clusters=["x"])


@settings(deadline=None)
@given(st.lists(st.integers(-4, 4), min_size=1, max_size=11))
def test_sign_flips_are_all_counted(differences):
    seen = abs(sum(differences))
    signs = itertools.product((1, -1), repeat=len(differences))
    sums = [abs(sum(s * d for s, d in zip(each, differences, strict=True))) for each in signs]
    share = sum(value >= seen for value in sums) / len(sums)
    assert sign_flip_exact(differences) == pytest.approx(share)


def test_sign_flips_of_single_questions_are_mcnemars_test():
    assert sign_flip_exact([1] * 9 + [-1] * 2 + [0] * 30) == mcnemar_exact(9, 2)
    doubled = sign_flip_exact([2] * 900 + [-2] * 700)
    assert doubled == pytest.approx(mcnemar_exact(900, 700), rel=1e-9)


def test_copies_of_a_question_are_no_further_evidence():
    assert sign_flip_exact([5] * 4 + [-5]) == mcnemar_exact(4, 1)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_agrees_with_its_definition(p_values):
    found, m = holm(p_values), len(p_values)
    for level in (*p_values, *found, 0.05):
        # rejecting in order while p <= level / (tests left)
        order, rejected = sorted(range(m), key=p_values.__getitem__), set()
        for rank, place in enumerate(order):
            if (m - rank) * p_values[place] > level:
                break
            rejected.add(place)
        assert {i for i in range(m) if found[i] <= level} >= rejected
        if level < 1:
            assert {i for i in range(m) if found[i] <= level} == rejected


def test_holm_of_few():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


def test_many_distinct_values_are_resampled_in_little_memory():
    rng = np.random.default_rng(0)
    values = rng.normal(size=3000)
    means = resampled_means(values, draws=3000)
    assert means.shape == (3000,)
    assert means.std() == pytest.approx(values.std() / np.sqrt(3000), rel=0.06)
    assert means.mean() == pytest.approx(values.mean(), abs=4 * means.std() / np.sqrt(3000))


seeds = st.lists(st.floats(-1, 1, allow_subnormal=False), min_size=2, max_size=8)


@given(seeds)
def test_interval_over_seeds_agrees_with_scipy(values):
    low, high = t_interval(values)
    error = stats.sem(values)
    if error < 1e-12:
        assert low == pytest.approx(high, abs=1e-9)
        return
    theirs = stats.t.interval(0.95, len(values) - 1, loc=np.mean(values), scale=error)
    assert (low, high) == pytest.approx(theirs)
    assert t_test(values) == pytest.approx(stats.ttest_1samp(values, 0).pvalue)


def test_test_over_seeds_rejects_exactly_where_the_interval_leaves_zero_out():
    for shift in np.linspace(0, 0.5, 40):
        values = [shift - 0.1, shift, shift + 0.12]
        assert (t_test(values) < 0.05) == (t_interval(values).low > 0)


def test_equal_seeds_have_no_width():
    assert t_interval([0.1 + 0.2] * 3) == (0.1 + 0.2, 0.1 + 0.2)
    assert t_test([0.0, 0.0]) == 1.0
    assert t_test([0.2, 0.2]) == 0.0


@pytest.mark.parametrize("statistic", [t_interval, t_test])
def test_one_seed_has_no_interval(statistic):
    with pytest.raises(ValueError, match="at least two seeds"):
        statistic([0.5])


def test_accuracy_of_clusters_is_that_of_questions_where_each_is_a_cluster() -> None:
    right = [True, False, True, True]
    assert clustered_proportion(right, "abcd") == proportion(3, 4)


def test_copies_of_questions_make_an_accuracy_no_surer() -> None:
    right, copies = [True] * 6 + [False] * 4, 50
    alone = paired_bootstrap(right, [0] * 10).ci95
    found = clustered_proportion(right * copies, list(range(10)) * copies)
    assert (found.n, found.correct) == (500, 300)
    assert found.ci95 == pytest.approx(alone, abs=0.02)
    assert found.ci95[1] - found.ci95[0] > 4 * (wilson(300, 500)[1] - wilson(300, 500)[0])


def test_clusters_without_a_failure_are_as_many_questions_and_one_says_nothing() -> None:
    assert clustered_proportion([True] * 60, [n % 6 for n in range(60)]).ci95 == wilson(6, 6)
    assert clustered_proportion([False] * 60, [n % 6 for n in range(60)]).ci95 == wilson(0, 6)
    assert clustered_proportion([True, False], "aa").ci95 == (0, 1)
