"""Two models over several seeds each, on the same questions: one difference, interval and p-value.

    compare_seeds([[1, 0, 1], [1, 1, 1]], [[0, 0, 1]])
    -> Combined(value=0.5, ci95=…, p_value=…, df=1)

The model: the difference of the means over seeds varies because other questions might have been
asked and because other seeds might have been drawn. Each of the draws therefore adds up

    questions   the mean over a bootstrap resample of the questions (of whole clusters) of each
                question's difference of the means over seeds; where hardly any question differs
                from the rest, a draw by the score interval (`cotkd.evaluation.paired`)
    seeds       s · sqrt(1/S_a + 1/S_b) · t, with t drawn from Student's distribution with
                S_a + S_b - 2 degrees of freedom and s the spread of the seeds' accuracies, pooled
                over both models

Seeds are not resampled as questions are: of two or three values the bootstrap shows a spread that
is too small by a factor of up to sqrt(2), and knows nothing of how uncertain it is; Student's draw
is exact where questions do not matter. The spread is taken to be the same in both models, so that
one of them may have a single seed, and the seeds of the two to be independent, so that their
numbers may differ; equal seeds that share luck make the interval too wide, never too narrow. Where
both have one seed nothing is known of the spread: the result then speaks of these two students, not
of their methods.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from cotkd.evaluation.paired import difference_draws
from cotkd.evaluation.results import Interval
from cotkd.evaluation.statistics import percentiles

_STREAM = 0x5EED
"""Keeps the draws for seeds apart from those of the questions."""


class Combined(NamedTuple):
    """A difference over questions and seeds."""

    value: float
    ci95: Interval
    p_value: float
    """Two-sided: twice the smaller share of draws beyond zero; never below 2 / (draws + 1)."""
    df: int
    """Degrees of freedom of the spread over seeds; 0: nothing is known of it."""


def compare_seeds(
    a: ArrayLike,
    b: ArrayLike,
    *,
    draws: int = 10_000,
    seed: int = 0,
    clusters: Sequence[Hashable] | None = None,
) -> Combined:
    """Return mean(a) - mean(b) over seeds and questions.

    Args:
        a: Scores of one model: [seeds, questions].
        b: Scores of the other one, on the same questions in the same order: [seeds, questions].
        draws: Draws from the model above.
        seed: Seed of the draws.
        clusters: The cluster of each question, as in `paired_bootstrap`.

    Raises:
        ValueError: the two were not asked the same number of questions.
    """
    left, right = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if left.ndim != 2 or right.ndim != 2 or left.shape[1] != right.shape[1] or not left.size:
        raise ValueError(f"need scores [seeds, questions], got {left.shape} and {right.shape}")
    # whole numbers, so that questions with equal differences are seen to be equal
    scale = len(left) * len(right)
    whole = left.sum(axis=0) * len(right) - right.sum(axis=0) * len(left)
    drawn = difference_draws(whole, most=scale, draws=draws, seed=seed, clusters=clusters)
    spread, df = _spread(left.mean(axis=1), right.mean(axis=1))
    if spread > 0:
        noise = np.random.default_rng((_STREAM, seed)).standard_t(df, size=draws)
        drawn = drawn + spread * noise
    value = math.fsum(whole) / (scale * whole.size)
    low, high = percentiles(drawn)
    return Combined(value, Interval(max(-1.0, low), min(1.0, high)), _p_value(drawn), df)


def _spread(a: np.ndarray, b: np.ndarray) -> tuple[float, int]:
    """Return the standard error of the difference of two means over seeds, and its freedom."""
    df = len(a) + len(b) - 2
    if df == 0:
        return 0.0, 0
    squares = sum(float(((each - each.mean()) ** 2).sum()) for each in (a, b))
    return math.sqrt(squares / df * (1 / len(a) + 1 / len(b))), df


def _p_value(drawn: np.ndarray) -> float:
    beyond = min(int((drawn <= 0).sum()), int((drawn >= 0).sum()))
    return min(1.0, 2 * (beyond + 1) / (len(drawn) + 1))
