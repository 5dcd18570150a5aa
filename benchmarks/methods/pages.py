"""What the documentation and the README show of the results: made here, never typed.

measured(results, "mt_cot")       heads and rows of a method's page
write_head(results, readme)       the block between the two marks in the README
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.methods.arms import Arm, Where, accuracy, compare, delta, find, lines_of, suites
from benchmarks.methods.cells import FORMS, RECIPES
from benchmarks.methods.orderings import REFERENCE
from benchmarks.methods.table import by_place, largest
from cotkd.methods.base import Method

BEGIN, END = "<!-- methods: begin -->", "<!-- methods: end -->"
"""Marks around the block in the README."""
HEADS = ("student", "problems", "method", "seeds", "accuracy in %", "Δ to fine_tune_cot")


def measured(results: Path, method: str) -> tuple[Sequence[str], list[list[str]]]:
    """Return the students of a method and its variants, on all data; no rows: not measured."""
    rows = []
    for where, arms in _places(results).items():
        for arm in arms:
            if method in (arm.variant, RECIPES[arm.variant]) and not _other(arm, method):
                rows.append([where[0], where[1], *_figures(arm, arms)])
    return HEADS, rows


def write_head(results: Path, readme: Path) -> None:
    """Put the decoder's table on open numbers between the marks of the README."""
    before, begin, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    assert begin, f"{readme}: no line {BEGIN}"
    assert end, f"{readme}: no line {END} after {BEGIN}"
    found = _places(results)
    where = next((place for place in found if place[1] == "number"), None)
    lines = ["Not measured yet."]
    if where is not None:
        n = len(next(iter(found[where][0].right(suites(found[where][0])[0]).values())))
        lines = [
            f"{where[0]}, open numbers, in distribution, n = {n} a seed, greedy answers; mean "
            "[95 % interval, as wide as either over seeds or over questions] and difference in "
            "points [over questions and seeds]:",
            "",
            *lines_of(
                HEADS[2:],
                [
                    _figures(arm, found[where])
                    for arm in found[where]
                    if arm.variant in Method.kinds() or arm.variant.startswith("socratic")
                ],
            ),
        ]
    block = "\n".join(["", "", *lines, "", ""])
    readme.write_text(f"{before}{begin}{block}{end}{after}", encoding="utf-8")


def _places(results: Path) -> Mapping[Where, Sequence[Arm]]:
    """Return the arms by student and form, on all data."""
    found = by_place(largest(results)[0])
    order = list(FORMS)
    kept = [where for where in found if where[2] == 1]
    return {where: found[where] for where in sorted(kept, key=lambda w: (order.index(w[1]), w[0]))}


def _other(arm: Arm, method: str) -> bool:
    """Tell whether a variant is a method of its own that only borrows a recipe."""
    return arm.variant != method and arm.variant.startswith("answer_only")


def _figures(arm: Arm, arms: Sequence[Arm]) -> list[str]:
    first = suites(arm)[:1]
    against = find(arms, REFERENCE)
    same = against is None or arm.name == against.name
    difference = None if same or against is None else compare(arm, against, first)
    return [arm.name, str(len(arm.rows)), accuracy(arm, first), delta(difference)]
