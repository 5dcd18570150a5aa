import numpy as np
import pytest
from scipy import stats

from cotkd.evaluation.paired import tango
from cotkd.evaluation.seeds import compare_seeds
from cotkd.evaluation.statistics import paired_bootstrap

A = [[1, 1, 0, 1, 0, 1, 1, 0] * 5]
B = [[0, 1, 0, 0, 1, 1, 0, 0] * 5]


def test_one_seed_each_is_the_paired_bootstrap():
    found = compare_seeds(A, B, draws=2000)
    plain = paired_bootstrap(A[0], B[0], draws=2000)
    assert found.value == pytest.approx(plain.value)
    assert found.ci95 == pytest.approx(tuple(plain.ci95))
    assert found.df == 0


@pytest.mark.parametrize(("a", "b"), [((0.4, 0.5, 0.45), (0.3, 0.38)), ((0.6, 0.7, 0.61), (0.5,))])
def test_where_questions_do_not_matter_it_is_students_two_sample_interval(a, b):
    left, right = (np.tile(np.array(each)[:, None], (1, 50)) for each in (a, b))
    found = compare_seeds(left, right, draws=400_000)
    df = len(a) + len(b) - 2
    pooled = sum(np.var(each) * len(each) for each in (a, b)) / df
    error = np.sqrt(pooled * (1 / len(a) + 1 / len(b)))
    value = np.mean(a) - np.mean(b)
    expected = stats.t.interval(0.95, df, loc=value, scale=error)
    assert found.value == pytest.approx(value)
    assert found.ci95 == pytest.approx(np.clip(expected, -1, 1), abs=0.01)
    if len(b) > 1:
        assert found.p_value == pytest.approx(stats.ttest_ind(a, b).pvalue, abs=0.005)


def test_both_sources_of_chance_add_up():
    rng = np.random.default_rng(0)
    a = (rng.random((4, 300)) < np.array([0.5, 0.56, 0.62, 0.48])[:, None]).astype(int)
    b = (rng.random((4, 300)) < np.array([0.4, 0.46, 0.36, 0.44])[:, None]).astype(int)
    both = compare_seeds(a, b, draws=50_000).ci95
    questions = paired_bootstrap(a.mean(axis=0), b.mean(axis=0)).ci95
    shares = [each.mean(axis=1) for each in (a, b)]
    pooled = sum(np.var(each) * len(each) for each in shares) / 6
    seeds = stats.t.ppf(0.975, 6) * np.sqrt(pooled / 2)
    expected = np.hypot((questions.high - questions.low) / 2, seeds)
    assert (both.high - both.low) / 2 == pytest.approx(expected, rel=0.06)


def test_swapping_the_two_flips_the_sign_and_copies_are_equal():
    there, back = compare_seeds(A * 2 + B, B), compare_seeds(B, A * 2 + B)
    assert there.value == pytest.approx(-back.value)
    same = compare_seeds(A * 3, A)
    assert (same.value, same.p_value) == (0, 1)
    assert -same.ci95.low == pytest.approx(same.ci95.high)
    assert same.ci95 == pytest.approx(tango(0, 0, 40), abs=1e-3)  # 40 questions may miss one in 11


def test_clusters_widen_the_interval():
    clusters = [place % 8 for place in range(40)]  # A and B repeat every eight questions
    plain, wide = (compare_seeds(A * 2, B, clusters=labels).ci95 for labels in (None, clusters))
    assert wide.high - wide.low > 1.5 * (plain.high - plain.low)


def test_intervals_hold_what_they_promise():
    """Two methods of equal worth, three seeds against two, other questions and seeds each time."""
    rng, missed, rounds = np.random.default_rng(1), 0, 300
    for _ in range(rounds):
        ease = rng.normal(size=120)  # what questions have in common for both
        a, b = (
            (rng.normal(size=(s, 120)) < ease + 0.2 * rng.normal(size=(s, 1))).astype(int)
            for s in (3, 2)
        )
        low, high = compare_seeds(a, b, draws=500).ci95
        missed += not low <= 0 <= high
    assert missed / rounds < 0.075  # 0.05 + two standard errors


@pytest.mark.parametrize(("a", "b"), [([1, 0], [1, 1]), ([[1, 0]], [[1]]), ([[]], [[]])])
def test_scores_that_are_not_by_seed_and_question_are_refused(a, b):
    with pytest.raises(ValueError, match="seeds, questions"):
        compare_seeds(a, b)
