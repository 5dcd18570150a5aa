"""Examples of a group that must predict the same: which tokens are compared with which.

Of two rationales of a question, the tokens of the answer after the one and after the other:

    … 3*4=12 eggs. --> 12 </s>
    … four threes are 12. --> 12 </s>
                              ^^ the predictions of these two are drawn together

Each pair of examples in a group is compared, token by token; what is compared is the range that an
`Example` calls `agreement`, and it must be trained in all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from cotkd.errors import DataError
from cotkd.formats.tokenize import TokenizedExample
from cotkd.training.plan import group_units

if TYPE_CHECKING:
    from torch import Tensor


def compared_tokens(examples: Sequence[TokenizedExample]) -> int:
    """Return how many pairs of tokens these examples give."""
    return sum(len(examples[i].agreement) for i, _ in _pairs(examples))


def compared(
    examples: Sequence[TokenizedExample], owner: Tensor, *, present: Collection[int]
) -> tuple[list[int], list[int], list[float]]:
    """Return the places of both tokens of each pair among the trained tokens, and its weight.

    Args:
        examples: The examples of a micro-batch.
        owner: [trained tokens] whose each is, as `collate` gives it.
        present: Those of `examples` that are computed in the pass.

    Raises:
        DataError: two examples of a group differ in the tokens that are compared.
    """
    left: list[int] = []
    right: list[int] = []
    weights: list[float] = []
    whose = owner.numpy()
    for i, j in _pairs(examples):
        if i not in present:
            continue  # nor is j: a group shares a pass
        left += _places(examples[i], whose == i)
        right += _places(examples[j], whose == j)
        weights += [examples[i].agreement_weight] * len(examples[i].agreement)
    return left, right, weights


def _pairs(examples: Sequence[TokenizedExample]) -> list[tuple[int, int]]:
    found = [
        pair
        for unit in group_units([example.group for example in examples])
        for pair in combinations([i for i in unit if examples[i].agreement], 2)
    ]
    for i, j in found:
        one, other = ([row.target[k] for k in row.agreement] for row in (examples[i], examples[j]))
        if one != other:
            raise DataError(
                f"question {examples[i].question!r}: two examples of one group are to predict the "
                f"same, but their answers are other tokens ({one} and {other})"
            )
    return found


def _places(example: TokenizedExample, own: np.ndarray) -> list[int]:
    places = np.flatnonzero(own)
    trained = np.flatnonzero(example.trained).tolist()
    order = {position: rank for rank, position in enumerate(trained)}
    return [int(places[order[position]]) for position in example.agreement]
