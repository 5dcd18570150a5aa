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
from collections.abc import Sequence

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
    groups: dict[int, list[int]] = {}
    for place, share in enumerate(shares):
        # 0.3 is 3 / 10, although 0.3 * 10 is a little more than 3 in some machines' arithmetic
        groups.setdefault(math.ceil(round(share * bins, 9)), []).append(place)
    curve = [
        CalibrationBin(
            share=math.fsum(shares[i] for i in places) / len(places),
            accuracy=sum(right[i] for i in places) / len(places),
            n=len(places),
        )
        for _, places in sorted(groups.items())
    ]
    error = math.fsum(one.n * abs(one.share - one.accuracy) for one in curve) / len(shares)
    return Calibration(ece=error, bins=tuple(curve))


def merged(each: Sequence[Calibration]) -> Calibration:
    """Return the curve over the questions of several, as of several seeds, bin by bin."""
    groups: dict[int, list[CalibrationBin]] = {}
    for one in (bin for found in each for bin in found.bins):
        groups.setdefault(math.ceil(round(one.share * BINS, 9)), []).append(one)
    curve = []
    for _, bins in sorted(groups.items()):
        n = sum(one.n for one in bins)
        share = math.fsum(one.n * one.share for one in bins) / n
        accuracy = math.fsum(one.n * one.accuracy for one in bins) / n
        curve.append(CalibrationBin(share=share, accuracy=accuracy, n=n))
    total = sum(one.n for one in curve)
    error = math.fsum(one.n * abs(one.share - one.accuracy) for one in curve) / total
    return Calibration(ece=error, bins=tuple(curve))
