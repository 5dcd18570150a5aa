"""Properties of the counter-based uniform numbers."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest

from cotkd.decoding.uniform import seed_array, uniforms

SEEDS = st.lists(st.integers(-(2**70), 2**70), min_size=1, max_size=20)


@given(SEEDS, st.integers(0, 10_000))
def test_numbers_lie_strictly_between_0_and_1(seeds, step):
    numbers = uniforms(seed_array(seeds), step)
    assert numbers.shape == (len(seeds),)
    assert ((numbers > 0) & (numbers < 1)).all()


@given(SEEDS, st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_a_number_depends_on_its_own_seed_alone(seeds, step, random):
    order = list(range(len(seeds)))
    random.shuffle(order)
    shuffled = uniforms(seed_array([seeds[i] for i in order]), step)
    assert shuffled.tolist() == [uniforms(seed_array([seeds[i]]), step)[0] for i in order]


@given(st.floats(1e-300, 1e300))
def test_a_share_of_a_total_never_reaches_it(total):
    largest = 1 - 2.0**-49
    assert largest * total < total


def test_numbers_are_uniform_over_steps_and_over_neighbouring_seeds():
    by_step = np.concatenate([uniforms(seed_array([7]), step) for step in range(5000)])
    by_seed = uniforms(seed_array(range(5000)), 3)
    for numbers in (by_step, by_seed):
        assert kstest(numbers, "uniform").pvalue > 1e-3
        assert abs(np.corrcoef(numbers[:-1], numbers[1:])[0, 1]) < 0.05


def test_streams_of_neighbouring_seeds_do_not_overlap():
    steps = range(200)
    streams = [{float(uniforms(seed_array([s]), i)[0]) for i in steps} for s in range(40)]
    assert len(set.union(*streams)) == 40 * 200
