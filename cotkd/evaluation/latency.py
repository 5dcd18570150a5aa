"""How long a student takes for one answer, asked one question at a time.

    latency([0.21, 0.24, 0.9])    -> Latency(median=0.24, p95=0.834, mean=0.45, n=3)

Wall-clock time of this machine under this load: it compares models that were timed side by side,
and says nothing about answers in batches, which take a fraction of it each.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import fmean

import numpy as np

from cotkd.evaluation.results import Latency
from cotkd.types import Question


def latency(seconds: Sequence[float]) -> Latency:
    """Return the statistics of times in seconds; at least one."""
    middle, late = np.quantile(seconds, (0.5, 0.95))
    return Latency(median=float(middle), p95=float(late), mean=fmean(seconds), n=len(seconds))


def timed(
    answer: Callable[[Sequence[Question]], object],
    questions: Sequence[Question],
    *,
    clock: Callable[[], float] = time.perf_counter,
) -> Latency:
    """Return how long `answer` takes for each question alone, after one that warms it up."""
    answer(questions[:1])
    seconds = []
    for question in questions:
        start = clock()
        answer([question])
        seconds.append(clock() - start)
    return latency(seconds)
