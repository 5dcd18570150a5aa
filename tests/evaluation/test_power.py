import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.evaluation.power import detectable, detectable_by, least_significant, power
from cotkd.evaluation.results import Interval
from cotkd.evaluation.statistics import mcnemar_exact


def enumerated(n: int, discordance: float, difference: float, alpha: float) -> float:
    """Return the power as a sum over all counts of questions that one of the two got right."""
    a, b = (discordance + difference) / 2, (discordance - difference) / 2
    total = 0.0
    for x, y in itertools.product(range(n + 1), repeat=2):
        if x + y <= n and mcnemar_exact(x, y) <= alpha:
            ways = math.comb(n, x) * math.comb(n - x, y)
            total += ways * a**x * b**y * (1 - a - b) ** (n - x - y)
    return total


@pytest.mark.parametrize("alpha", [0.05, 0.01, 0.0625])
@pytest.mark.parametrize(
    ("n", "discordance", "difference"),
    [(14, 0.7, 0.5), (30, 0.4, 0.25), (25, 1.0, -0.6), (9, 1, 1)],
)
def test_power_is_the_sum_over_all_outcomes(n, discordance, difference, alpha):
    found = power(n, discordance=discordance, difference=difference, alpha=alpha)
    assert found == pytest.approx(enumerated(n, discordance, difference, alpha), abs=1e-9)


def test_power_without_a_difference_is_at_most_the_level():
    for n in (20, 100, 1000):
        assert 0 < power(n, discordance=0.3, difference=0.0) <= 0.05
    assert power(50, discordance=0.0, difference=0.0) == 0


@pytest.mark.parametrize(("n", "discordance"), [(40, 0.5), (500, 0.12), (1319, 0.3)])
def test_what_is_detectable_is_found_four_times_in_five(n, discordance):
    found = detectable(n, discordance=discordance)
    assert power(n, discordance=discordance, difference=found) == pytest.approx(0.8, abs=2e-3)


def test_more_questions_detect_smaller_differences():
    sizes = [detectable(n, discordance=0.2) for n in (100, 200, 400, 800, 1600)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] / sizes[4] == pytest.approx(4, rel=0.25)


def test_too_few_questions_detect_nothing():
    assert detectable(10, discordance=0.2) is None
    assert detectable(500, discordance=0.0) is None


def test_half_widths_agree_with_the_exact_test_on_many_questions():
    n, discordance = 2000, 0.2
    error = math.sqrt(discordance / n)
    by_width = detectable_by(Interval(-1.96 * error, 1.96 * error))
    assert by_width == pytest.approx(detectable(n, discordance=discordance), rel=0.05)


@pytest.mark.parametrize("ends", [(0.0, 0.0), (0.3, 0.3), (-1.0, 1.0)])
def test_an_interval_of_no_width_or_of_all_of_it_detects_nothing(ends):
    assert detectable_by(Interval(*ends)) is None


@given(st.integers(0, 80))
def test_the_least_significant_difference_is_where_mcnemar_turns(discordant):
    n, found = 100, least_significant(100, discordant=discordant)
    if found is None:
        assert mcnemar_exact(0, discordant) > 0.05
        return
    fewer = round((discordant - found * n) / 2)
    assert mcnemar_exact(fewer, discordant - fewer) <= 0.05
    if fewer + 1 <= discordant - fewer - 1:
        assert mcnemar_exact(fewer + 1, discordant - fewer - 1) > 0.05


def test_five_discordant_questions_show_nothing():
    assert least_significant(1000, discordant=5) is None
    assert least_significant(1000, discordant=6) == 0.006


@pytest.mark.parametrize("values", [(0, 0, 0.05), (10, 11, 0.05), (10, 2, 0.0)])
def test_impossible_counts_are_refused(values):
    n, discordant, alpha = values
    with pytest.raises(ValueError, match="needs n >= 1"):
        least_significant(n, discordant=discordant, alpha=alpha)


def test_a_difference_needs_as_many_discordant_questions():
    with pytest.raises(ValueError, match="difference"):
        power(100, discordance=0.1, difference=0.2)
