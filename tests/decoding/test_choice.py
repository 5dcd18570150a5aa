"""Properties of drawing one token for each row."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from cotkd.decoding.choice import choose, log_probability, restrict
from cotkd.decoding.sampling import Sampling
from cotkd.decoding.uniform import seed_array, uniforms

LOGITS = st.lists(st.floats(-8, 8, width=32), min_size=2, max_size=12)
UNIFORM = st.floats(2.0**-40, 1 - 2.0**-40)


def draws(logits, sampling, count=20_000, step=0):
    rows = torch.tensor([logits]).expand(count, -1)
    uniform = torch.from_numpy(uniforms(seed_array(range(count)), step))
    return np.bincount(choose(rows, sampling, uniform).numpy(), minlength=len(logits))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_frequencies_match_the_softmax(temperature):
    logits = [0.3, -1.0, 2.0, 1.2, -0.4, 0.0]
    observed = draws(logits, Sampling(temperature=temperature))
    expected = (torch.tensor(logits).double() / temperature).softmax(-1).numpy() * observed.sum()
    assert chisquare(observed, expected).pvalue > 1e-3


@pytest.mark.parametrize(
    ("sampling", "support"),
    [
        (Sampling(top_k=2), {2, 3}),
        (Sampling(top_p=0.5), {2}),
        (Sampling(top_p=0.8), {2, 3}),
        (Sampling(top_p=0.8, top_k=1), {2}),
        (Sampling(top_k=99), {0, 1, 2, 3, 4}),
    ],
)
def test_restricted_draws_keep_their_proportions(sampling, support):
    probabilities = np.array([0.05, 0.02, 0.6, 0.25, 0.08])
    observed = draws(np.log(probabilities).tolist(), sampling)
    assert set(np.flatnonzero(observed)) == support
    inside = sorted(support)
    expected = probabilities[inside] / probabilities[inside].sum() * observed.sum()
    assert len(inside) == 1 or chisquare(observed[inside], expected).pvalue > 1e-3


@given(LOGITS, st.floats(0.01, 1))
def test_top_p_keeps_the_smallest_set_with_that_mass(logits, top_p):
    values = torch.tensor([logits], dtype=torch.float32)
    probabilities = values.double().softmax(-1)[0]
    kept = restrict(values, Sampling(top_p=top_p))[0] > -torch.inf
    mass = probabilities[kept].sum()
    assert mass >= top_p - 1e-5
    assert mass - probabilities[kept].min() < top_p + 1e-5
    assert not (~kept).any() or probabilities[kept].min() >= probabilities[~kept].max() - 1e-6


@given(LOGITS, st.integers(1, 12))
def test_top_k_keeps_the_k_largest_and_their_ties(logits, top_k):
    values = torch.tensor([logits], dtype=torch.float32)
    kept = restrict(values, Sampling(top_k=top_k))[0] > -torch.inf
    ranked = values[0].sort(descending=True).values
    least = ranked[min(top_k, len(logits)) - 1]
    assert kept.tolist() == (values[0] >= least).tolist()


@given(LOGITS, UNIFORM)
def test_the_token_is_where_the_distribution_function_passes_the_uniform(logits, uniform):
    values = torch.tensor([logits], dtype=torch.float32)
    token = int(choose(values, Sampling(), torch.tensor([uniform], dtype=torch.float64)))
    cumulative = values.softmax(-1).double().cumsum(-1)[0]
    below = cumulative[token - 1] if token else 0.0
    assert below / cumulative[-1] <= uniform + 1e-12
    assert uniform <= cumulative[token] / cumulative[-1] + 1e-12


@given(UNIFORM)
def test_a_token_without_probability_is_never_drawn(uniform):
    values = torch.tensor([[-torch.inf, 0.0, -torch.inf, 0.0, -torch.inf]])
    token = choose(values, Sampling(), torch.tensor([uniform], dtype=torch.float64))
    assert int(token) in (1, 3)


@given(LOGITS, st.floats(-50, 50))
def test_a_constant_added_to_the_logits_changes_no_log_probability(logits, constant):
    values = torch.tensor([logits], dtype=torch.float32)
    token = values.argmax(-1)
    shifted = log_probability(values + constant, token)
    torch.testing.assert_close(shifted, log_probability(values, token), atol=1e-4, rtol=0)
