"""Which rows are decoded together: fixed before the first token, a function of lengths alone.

plan_batches([40, 12, 38, 13], batch_tokens=80)     # [[1, 3], [2, 0]]
"""

from __future__ import annotations

from collections.abc import Sequence


def plan_batches(lengths: Sequence[int], *, batch_tokens: int) -> list[list[int]]:
    """Return row numbers in batches of similar length.

    Rows are taken by length, then by number, so that rows of equal prompts stay neighbours. A batch
    holds as many rows as fit when each is padded to the longest: `rows * longest <= batch_tokens`.
    A row that is longer than the budget is a batch of its own.

    Args:
        lengths: Tokens that a row may take up: its prompt and all that may be generated.
        batch_tokens: Token positions of one batch, padding included.
    """
    batches: list[list[int]] = []
    for row in sorted(range(len(lengths)), key=lambda row: (lengths[row], row)):
        if not batches or lengths[row] * (len(batches[-1]) + 1) > batch_tokens:
            batches.append([])
        batches[-1].append(row)
    return batches
