"""Whether the share of votes that an answer wins says how often it is right.

    calibration([0.9, 0.8, 0.3], [True, True, False])
    -> Calibration(ece=0.2, bins=(CalibrationBin(share=0.3, accuracy=0.0, n=1), …))

The expected calibration error of Guo et al. (2017), arXiv 1706.04599, equation 3, with the share of
the votes as confidence: equally wide bins, the distance of mean share and accuracy in each,
weighted by questions. Shares of k samples take few values, so the bins hardly matter; the error is
biased upwards where bins hold few questions.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from cotkd.evaluation.results import Calibration, CalibrationBin

BINS = 10


def calibration(
    shares: Sequence[float], right: Sequence[bool], *, bins: int = BINS
) -> Calibration | None:
    """Return error and curve of shares in (0, 1]; None where there are none.

    Raises:
        ValueError: a share is outside (0, 1], or there are not as many answers as shares.
    """
    if len(shares) != len(right) or not all(0 < share <= 1 for share in shares) or bins < 1:
        raise ValueError(f"needs one share in (0, 1] per answer, got {shares} for {len(right)}")
    if not shares:
        return None
    each = zip(shares, right, strict=True)
    return _binned((CalibrationBin(share=s, accuracy=float(ok), n=1) for s, ok in each), bins)


def merged(each: Sequence[Calibration]) -> Calibration:
    """Return the curve over the questions of several, as of several seeds, bin by bin."""
    return _binned((bin for found in each for bin in found.bins), BINS)


def _binned(parts: Iterable[CalibrationBin], bins: int) -> Calibration:
    """Return error and curve of parts that lie in one bin each."""
    groups: dict[int, list[CalibrationBin]] = {}
    for one in parts:
        # 0.3 is 3 / 10, although 0.3 * 10 is a little more than 3 in some machines' arithmetic
        groups.setdefault(math.ceil(round(one.share * bins, 9)), []).append(one)
    curve = []
    for _, group in sorted(groups.items()):
        n = sum(one.n for one in group)
        share = math.fsum(one.n * one.share for one in group) / n
        accuracy = math.fsum(one.n * one.accuracy for one in group) / n
        curve.append(CalibrationBin(share=share, accuracy=accuracy, n=n))
    total = sum(one.n for one in curve)
    error = math.fsum(one.n * abs(one.share - one.accuracy) for one in curve) / total
    return Calibration(ece=error, bins=tuple(curve))
