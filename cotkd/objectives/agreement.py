"""Examples of a group that must predict the same, as the rationales of MCC-KD must.

Of two rationales of a question, the tokens of the answer after the one and after the other:

    … 3*4=12 eggs. --> 12 </s>
    … four threes are 12. --> 12 </s>
                              ^^ the predictions of these two are drawn together

    L = (1 / pairs of tokens) Σ λ (KL(p || q) + KL(q || p)) / 2

Each pair of examples in a group is compared, token by token; what is compared is the range that an
`Example` calls `agreement`, and it must be trained in all of them. λ is its `agreement_weight`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from cotkd.errors import DataError
from cotkd.formats.groups import group_units
from cotkd.formats.tokenize import TokenizedExample
from cotkd.objectives.base import Counts, Objective, Rows, Term, Unit

if TYPE_CHECKING:
    from torch import Tensor


class Agreement(Objective):
    """Symmetric KL between the predictions of one text after different rationales."""

    unit: ClassVar[Unit] = "pair"

    kind: Literal["agreement"] = "agreement"

    def count(self, examples: Sequence[TokenizedExample]) -> Counts:
        """Return the pairs of tokens of each task.

        Raises:
            DataError: two examples of a group differ in the tokens that are compared.
        """
        counts: Counts = Counter()
        for i, _ in self._pairs(examples):
            counts[examples[i].task] += len(examples[i].agreement)
        return counts

    def term(self, rows: Rows) -> Term | None:
        """Return the pairs of the pass; a group shares one."""
        import torch

        if rows.idle or not rows.counts:
            return None
        left: list[int] = []
        right: list[int] = []
        weights: list[float] = []
        counts: list[float] = []
        whose = rows.owner.numpy()
        for i, j in self._pairs(rows.examples):
            if i not in rows.present:
                continue  # nor is j
            example = rows.examples[i]
            left += _places(example, whose == i)
            right += _places(rows.examples[j], whose == j)
            weights += [example.agreement_weight] * len(example.agreement)
            counts += [float(rows.counts[example.task])] * len(example.agreement)
        return Term(
            torch.tensor([left, right], dtype=torch.int64),
            torch.tensor(weights) / torch.tensor(counts),
            torch.ones(len(counts)),
            {},
        )

    def values(self, logits: Sequence[Tensor], told: Mapping[str, Tensor]) -> Tensor:
        """Return the divergence of each pair, in nats."""
        from cotkd.losses import symmetric_kl

        return symmetric_kl(*logits)

    def _pairs(self, examples: Sequence[TokenizedExample]) -> list[tuple[int, int]]:
        found = [
            pair
            for unit in group_units([example.group for example in examples])
            for pair in combinations(
                [i for i in unit if examples[i].agreement and self.reads(examples[i])], 2
            )
        ]
        for i, j in found:
            one, other = (
                [row.target[k] for k in row.agreement] for row in (examples[i], examples[j])
            )
            if one != other:
                raise DataError(
                    f"question {examples[i].question!r}: two examples of one group are to predict "
                    f"the same, but their answers are other tokens ({one} and {other})"
                )
        return found


def _places(example: TokenizedExample, own: np.ndarray) -> list[int]:
    places = np.flatnonzero(own)
    trained = np.flatnonzero(example.trained).tolist()
    order = {position: rank for rank, position in enumerate(trained)}
    return [int(places[order[position]]) for position in example.agreement]
