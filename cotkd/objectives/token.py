"""What objectives share whose unit is a trained token: how tokens are counted and picked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from cotkd.formats.tokenize import TokenizedExample
from cotkd.objectives.base import Counts, Objective, Rows, Term


class TokenObjective(Objective):
    """An objective over the trained tokens of the roles that it reads; `labels` are told."""

    def count(self, examples: Sequence[TokenizedExample]) -> Counts:
        """Return the trained tokens of each task."""
        counts: Counts = Counter()
        for example in examples:
            if self.reads(example):
                counts[example.task] += example.trained_tokens
        return counts

    def term(self, rows: Rows) -> Term | None:
        """Return all trained tokens of the pass, or those of the roles that are read."""
        import torch

        read = [self.reads(example) for example in rows.examples]
        owner, labels, places = rows.owner, rows.labels, None
        if not all(read):
            chosen = torch.tensor(read)[owner].nonzero().squeeze(1)
            if not len(chosen):
                return None
            owner, labels, places = owner[chosen], labels[chosen], chosen.unsqueeze(0)
        weights = [0.0 if rows.idle else example.weight for example in rows.examples]
        counts = [float(rows.counts[example.task]) for example in rows.examples]
        return Term(
            places, torch.tensor(weights)[owner], torch.tensor(counts)[owner], {"labels": labels}
        )
