"""How the learning rate rises and falls over the steps."""

from __future__ import annotations

import math

from cotkd.training.settings import Training


def rate_factor(step: int, steps: int, settings: Training) -> float:
    """Return the share of the highest learning rate at `step`, counted from 0, of `steps`.

    It rises over the warm-up, stays level, and falls over the last `decay` share of the steps
    towards zero, which it would reach one step after the last.
    """
    rise = math.ceil(settings.warmup * steps)
    if step < rise:
        return (step + 1) / (rise + 1)
    if settings.schedule == "constant":
        return 1.0
    fall = min(steps - rise, math.ceil(settings.decay * steps))
    if steps - step > fall or fall == 0:
        return 1.0
    left = (steps - step) / (fall + 1)
    return left if settings.schedule == "linear" else 0.5 - 0.5 * math.cos(math.pi * left)
