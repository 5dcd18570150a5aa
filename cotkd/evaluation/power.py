"""What a comparison on n questions could have shown, whatever it did show.

    least_significant(500, discordant=60)   -> 0.036: McNemar's p is at most 0.05 from there on
    detectable(500, discordance=0.12)       -> 0.045: a true difference found four times in five

"No significant difference" on 200 questions rules out little: report these beside it.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from cotkd.evaluation.results import Interval
from cotkd.evaluation.statistics import mcnemar_exact

_STEPS = 18
_NEGLIGIBLE = 1e-12
_POWER_80 = 1 + 0.8416212335729143 / 1.959963984540054
"""Half-widths of a 95 % interval that a difference must have to be found four times in five."""


def least_significant(n: int, *, discordant: int, alpha: float = 0.05) -> float | None:
    """Return the least difference of accuracy that `mcnemar_exact` calls significant.

    Args:
        n: Questions that both answered.
        discordant: How many of them exactly one of the two got right.
        alpha: Level of the test.

    Returns:
        The difference as a share of n; None where not even all discordant questions on one side
        would do, as with five of them.
    """
    _check(n, discordant, alpha)
    for fewer in range(discordant // 2, -1, -1):
        if mcnemar_exact(fewer, discordant - fewer) <= alpha:
            return (discordant - 2 * fewer) / n
    return None


def power(n: int, *, discordance: float, difference: float, alpha: float = 0.05) -> float:
    """Return the chance that McNemar's exact test finds a true difference of accuracy.

    Computed over all outcomes: the number of discordant questions is binomial (n, discordance), and
    each of them speaks for a with probability 1/2 + difference / (2 discordance).

    Args:
        n: Questions.
        discordance: Share of questions that exactly one of the two gets right.
        difference: Accuracy of a minus that of b, at most `discordance` in size.
        alpha: Level of the test.
    """
    if not 0 <= abs(difference) <= discordance <= 1:
        raise ValueError(
            f"needs |difference| <= discordance <= 1, got {difference} and {discordance}"
        )
    if discordance == 0:
        return 0.0
    from scipy.special import bdtr

    _check(n, 0, alpha)
    told, weight, limit = _rejections(n, discordance, alpha)
    share = 0.5 + difference / (2 * discordance)
    found = bdtr(limit, told, share) + bdtr(limit, told, 1 - share)
    return float((weight * found).sum())


@lru_cache(maxsize=8)
def _rejections(n: int, discordance: float, alpha: float) -> tuple[np.ndarray, ...]:
    """Return how many questions may be discordant, how likely each number is, and its limit.

    The limit is how many of them may be on one side for the test to reject; numbers with which it
    can never reject are left out.
    """
    from scipy.stats import binom

    low, high = (int(binom.ppf(q, n, discordance)) for q in (_NEGLIGIBLE, 1 - _NEGLIGIBLE))
    told = np.arange(low, high + 1)
    reached = np.asarray(binom.ppf(alpha / 2, told, 0.5))
    limit = reached - (2 * binom.cdf(reached, told, 0.5) > alpha * (1 + _NEGLIGIBLE))
    able = limit >= 0
    return told[able], np.asarray(binom.pmf(told, n, discordance))[able], limit[able]


def detectable(
    n: int, *, discordance: float, alpha: float = 0.05, chance: float = 0.8
) -> float | None:
    """Return the smallest true difference that McNemar's exact test finds with this chance.

    None where no difference would do: as large as `discordance`, it is still missed too often.
    """
    if power(n, discordance=discordance, difference=discordance, alpha=alpha) < chance:
        return None
    low, high = 0.0, discordance
    for _ in range(_STEPS):
        middle = (low + high) / 2
        enough = power(n, discordance=discordance, difference=middle, alpha=alpha) >= chance
        low, high = (low, middle) if enough else (middle, high)
    return high


def detectable_by(ci95: Interval) -> float | None:
    """Return the smallest true difference that an interval of this width finds four times in five.

    By the normal approximation: for tests other than McNemar's, of clusters or of several seeds.
    None where no difference is that large, and of an interval without width.
    """
    found = _POWER_80 * (ci95.high - ci95.low) / 2
    return found if 0 < found <= 1 else None


def _check(n: int, discordant: int, alpha: float) -> None:
    if n < 1 or not 0 <= discordant <= n or not 0 < alpha < 1 or math.isnan(alpha):
        raise ValueError(
            f"needs n >= 1, 0 <= discordant <= n, 0 < alpha < 1: {n}, {discordant}, {alpha}"
        )
