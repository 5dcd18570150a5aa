"""Seeds of samples, and the bounds of sampling settings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.decoding.sampling import Sampling, sample_seed
from cotkd.errors import SettingError

PARTS = st.tuples(st.integers(0, 9), st.text(max_size=5), st.integers(0, 99))


@given(PARTS, PARTS)
def test_seeds_are_equal_where_everything_is_equal(one, other):
    assert (sample_seed(*one) == sample_seed(*other)) == (one == other)


@given(PARTS)
def test_a_seed_survives_readers_that_know_only_doubles(parts):
    seed = sample_seed(*parts)
    assert 0 <= seed < 2**53
    assert int(float(seed)) == seed


def test_a_seed_is_the_same_in_every_process():
    assert sample_seed(0, "microgsm-train-00007", 2) == sample_seed(0, "microgsm-train-00007", 2)
    assert sample_seed(0, "a", 1) == 5508054644987999


@pytest.mark.parametrize(
    "wrong",
    [
        {"temperature": -0.1},
        {"temperature": float("inf")},
        {"top_p": 0},
        {"top_p": 1.1},
        {"top_k": -1},
        {"max_tokens": 0},
        {"repetition_penalty": 0},
        {"temprature": 1},
    ],
)
def test_values_out_of_range_are_refused(wrong):
    with pytest.raises(SettingError, match=next(iter(wrong))):
        Sampling.parse(wrong)
