"""Examples that stay together, because a loss compares them.

group_units(["q1", None, "q1"])     [(0, 2), (1,)]
"""

from __future__ import annotations

from collections.abc import Sequence

Unit = tuple[int, ...]
"""Examples that stay together: a group, or a single one."""


def group_units(groups: Sequence[str | None]) -> list[Unit]:
    """Return the examples that stay together, in order of first appearance."""
    return units_of(range(len(groups)), groups)


def units_of(step: Sequence[int], groups: Sequence[str | None] | None) -> list[Unit]:
    """Return the units of the examples of `step`; `groups` names the group of every example."""
    members: dict[str | int, list[int]] = {}
    for i in step:
        name = None if groups is None else groups[i]
        members.setdefault(i if name is None else name, []).append(i)
    return [tuple(unit) for unit in members.values()]
