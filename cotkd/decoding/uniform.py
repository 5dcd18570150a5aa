"""Counter-based uniform numbers: one for each (seed, step), from no shared state.

    uniforms(np.array([7, 8], dtype=np.uint64), 0)      # array([0.43…, 0.91…])

The number that a row draws depends on its own seed and on how many tokens it has, and on nothing
else: not on its neighbours in the batch, not on the rows drawn before it.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

_GOLDEN = 0x9E3779B97F4A7C15
_WORD = 0xFFFFFFFFFFFFFFFF


def seed_array(seeds: Iterable[int]) -> npt.NDArray[np.uint64]:
    """Return any integers as the 64-bit words that `uniforms` takes."""
    return np.array([seed & _WORD for seed in seeds], dtype=np.uint64)


def uniforms(seeds: npt.NDArray[np.uint64], step: int) -> npt.NDArray[np.float64]:
    """Return numbers in the open interval (0, 1), shape of `seeds`, for token number `step`.

    SplitMix64 (Steele, Lea and Flood, 2014), entered at position `step` of the stream whose state
    is the scrambled seed. 48 bits: `u * total < total` then holds in float64 for any total.
    """
    offset = np.uint64((step + 1) * _GOLDEN & _WORD)
    bits = _scramble(_scramble(seeds) + offset) >> np.uint64(16)
    return (bits.astype(np.float64) + 0.5) * 2.0**-48


def _scramble(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))
