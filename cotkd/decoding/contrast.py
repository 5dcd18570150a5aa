r"""Contrastive decoding of rationales: tokens that the right answer makes more probable.

Peifeng Wang, Zhengyang Wang, Zheng Li, Yifan Gao, Bing Yin, Xiang Ren. "SCOTT: Self-Consistent
Chain-of-Thought Distillation". ACL 2023, arXiv:2305.01879.

    log p(t | q, a*) + λ [log p(t | q, a*) - log p(t | q, a')]       score of token t
                         ↑ plausibility growth G(t)

The two contexts are neighbouring rows of one decoding session, 2i and 2i + 1, and are given the
same tokens: prompts are encoded once, and the generated prefix is read once in each.

The weight form, log p(t | q, a*) - w log p(t | q, a'), is this score divided by 1 + λ where
w = λ / (1 + λ): its greedy choice is the same, and drawing from it at temperature T is drawing from
the score above at temperature T (1 + λ).

Differs from the code of the paper: a row ends with a stop text or an end token that was chosen, not
where the context of a* alone would have written a line break; temperature divides the whole score.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from cotkd.errors import SettingError

if TYPE_CHECKING:
    from torch import Tensor

_FLOOR = -1e4
"""Stands for minus infinity in the other context, where it would make a token infinitely good."""


class Contrasts(NamedTuple):
    """The other prompts of one batch, and how much they count."""

    prompts: Sequence[Sequence[int]]
    """As tokens, one for each row; a row whose two prompts are equal is decoded as without."""
    strength: float
    plausibility: float = 0.0

    def of(self, rows: Sequence[int]) -> Contrasts:
        """Return those of some rows."""
        return self._replace(prompts=[self.prompts[row] for row in rows])

    @property
    def idle(self) -> bool:
        """Whether they change no choice, so that the other context need not be read."""
        return not self.strength and not self.plausibility


def contrasted(
    penalised: Tensor,
    logits: Tensor,
    other: Tensor,
    *,
    strength: float,
    plausibility: float = 0.0,
) -> Tensor:
    """Return scores [B, V] to choose from in place of logits.

    Log-normalisers are constants of a row, which no choice depends on: they are left out, and a
    row whose contexts agree keeps its logits bit by bit.

    Args:
        penalised: [B, V], the first term: `logits` with the repetition penalty applied.
        logits: [B, V] of the context with a*, which growth and plausibility are taken from.
        other: [B, V] of the context with a'.
        strength: λ.
        plausibility: Rules out tokens with less than this share of the greatest probability in
            the context with a* (the mask of Li et al. 2023, arXiv:2210.15097); 0 rules out none.
    """
    scores = penalised
    if strength:
        scores = penalised + strength * (logits - other.clamp(min=_FLOOR))
    if plausibility:
        least = logits.amax(dim=-1, keepdim=True) + math.log(plausibility)
        scores = scores.masked_fill(logits < least, -math.inf)
    return scores


def strength_of(weight: float) -> float:
    """Return the λ whose score chooses as log p(t | q, a*) - weight · log p(t | q, a') does."""
    if not 0 <= weight < 1:
        raise SettingError(f"weight must be at least 0 and less than 1, got {weight}")
    return weight / (1 - weight)
