"""Rows that are held in memory, for calls that name no place to keep them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cotkd.types import Completion


class HeldRows:
    """What `Shard` does for completions, without a file."""

    def __init__(self) -> None:
        self._rows: dict[tuple[object, ...], Completion] = {}

    def append(self, rows: Sequence[Completion]) -> None:
        """Add a batch of rows with new keys."""
        self._rows.update((row.key, row) for row in rows)

    def rows(self) -> Iterator[Completion]:
        """Yield all rows in the order in which they were added."""
        return iter(self._rows.values())

    def __contains__(self, key: tuple[object, ...]) -> bool:
        return key in self._rows

    def __len__(self) -> int:
        return len(self._rows)
