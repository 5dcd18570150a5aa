import numpy as np
import pytest

from cotkd.evaluation.calibration import calibration, merged


def test_votes_that_are_right_as_often_as_they_say_have_no_error():
    shares = [0.25] * 4 + [0.75] * 4 + [1.0]
    right = [True, False, False, False, True, True, True, False, True]
    found = calibration(shares, right)
    assert found.ece == 0
    assert [(b.share, b.accuracy, b.n) for b in found.bins] == [
        (0.25, 0.25, 4),
        (0.75, 0.75, 4),
        (1.0, 1.0, 1),
    ]


def test_error_is_the_weighted_distance_of_the_bins():
    rng = np.random.default_rng(0)
    shares, right = rng.integers(1, 9, 500) / 8, rng.random(500) < 0.5
    found = calibration(shares.tolist(), right.tolist(), bins=8)
    expected = 0.0
    for k in range(1, 9):
        at = shares == k / 8
        expected += abs(right[at].mean() - k / 8) * at.mean()
    assert found.ece == pytest.approx(expected)
    assert sum(b.n for b in found.bins) == 500


@pytest.mark.parametrize("bins", [1, 3, 10])
def test_edges_belong_to_the_bin_below(bins):
    shares = [place / bins for place in range(1, bins + 1)]
    assert [b.n for b in calibration(shares, [True] * bins, bins=bins).bins] == [1] * bins


def test_several_seeds_are_one_curve_over_all_questions():
    shares, right = [0.5, 0.5, 1.0, 1.0], [True, True, True, False]
    halves = [calibration(shares[i::2], right[i::2]) for i in (0, 1)]
    assert merged(halves) == calibration(shares, right)
    assert merged(halves).ece < sum(one.ece for one in halves) / 2 + 1e-9


def test_nothing_has_no_curve_and_impossible_shares_are_refused():
    assert calibration([], []) is None
    for shares in ([0.0], [1.1], [0.5, 0.5]):
        with pytest.raises(ValueError, match="one share in"):
            calibration(shares, [True])
