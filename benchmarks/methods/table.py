"""results.jsonl to table.md: accuracies with intervals, differences, lengths, faithfulness.

Everything is computed from the answers in the rows; nothing is typed. Differences are on the same
questions; interval and p are those of `cotkd.evaluation.seeds`: other questions and other seeds
might have been drawn. p is corrected by Holm's method over the comparisons of a table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.methods.arms import (
    Arm,
    Compared,
    Row,
    Where,
    accuracy,
    compare,
    delta,
    find,
    lines_of,
    mean,
    over_seeds,
    suites,
)
from benchmarks.methods.cells import FORMS, RECIPES
from benchmarks.methods.course import BASES, FIGURES, course_of
from benchmarks.methods.orderings import REFERENCE, orderings
from benchmarks.methods.rows import read
from benchmarks.methods.socratic import socratic
from cotkd.evaluation.statistics import holm, t_interval


def write_table(results: Path, table: Path) -> None:
    """Write the tables of all rows of the largest size in `results`."""
    rows, size = largest(results)
    if not rows:
        raise SystemExit(f"{results}: no rows: measure some with `run`")
    table.write_text("\n".join(_lines(rows, size)))


def largest(results: Path) -> tuple[list[Row], dict[str, Any]]:
    """Return the rows of the largest size that was measured, and that size."""
    rows: list[Row] = read(results)
    sizes = [row["size"] for row in rows]
    size = max(sizes, key=lambda one: (one["limit"] is None, one["tokens"]), default={})
    return [row for row in rows if row["size"] == size], size


def _lines(rows: Sequence[Row], size: Mapping[str, Any]) -> Iterator[str]:
    commits = ", ".join(sorted({row["commit"] for row in rows}))
    yield "# Every method on MicroGSM\n"
    yield "Made by `python -m benchmarks.methods table` from results.jsonl; not typed.\n"
    yield (
        f"{len(rows)} students; {size['questions']} questions x {size['samples']} samples, "
        f"{size['tokens']:,} processed tokens (twice as many for encoder-decoders), the same "
        "for every method; checkpoint chosen on development questions by all heads that name an "
        f"answer. Commits: {commits}.\n"
    )
    if size["limit"]:
        yield f"**A trial: {size['limit']} questions of each suite.**\n"
    cells = by_place(rows)
    for where in sorted(cells, key=lambda one: (one[2] < 1, list(FORMS).index(one[1]), one[0])):
        yield from _accuracies(where, cells[where])
    yield from _shares(cells)
    yield from socratic(cells)
    yield from _faithfulness(cells)
    yield from orderings(cells)


def by_place(rows: Sequence[Row]) -> dict[Where, list[Arm]]:
    """Return the heads of each student, form and share of the data, in the order of the plan."""
    arms: dict[tuple[Where, str, str], Arm] = {}
    for row in rows:
        where = (row["student"], row["form"], row["fraction"])
        for label in row["heads"]:
            head = label.partition(":")[2] or row["names"]["student"]
            new = Arm(row["variant"], head, label, {})
            arms.setdefault((where, row["variant"], label), new).rows[row["seed"]] = row
    found: dict[Where, list[Arm]] = {}
    for (where, _, _), arm in arms.items():
        found.setdefault(where, []).append(arm)
    order = list(RECIPES)
    return {
        where: sorted(each, key=lambda arm: (order.index(arm.variant), arm.label))
        for where, each in found.items()
    }


def _accuracies(where: Where, arms: Sequence[Arm]) -> Iterator[str]:
    student, form, fraction = where
    first, *shifts = suites(arms[0])
    n = len(next(iter(arms[0].right(first).values())))
    share = "" if fraction == 1 else f", {100 * fraction:g} % of the data"
    yield f"\n## {student}, {form}{share}\n"
    yield (
        f"Accuracy in % [95 % interval, as wide as either over seeds or over questions]; {first}: "
        f"n = {n} a seed; shifts: all of them together; Δ: against {REFERENCE}, in points, with "
        "an interval over questions and seeds (of one seed each, over questions).\n"
    )
    against = find(arms, REFERENCE)
    found: dict[str, Compared] = {}
    shifted: dict[str, Compared | None] = {}
    for arm in arms if against else ():
        if arm.name != against.name and (difference := compare(arm, against, [first])):
            found[arm.name] = difference
            shifted[arm.name] = compare(arm, against, shifts)
    p_values = dict(zip(found, holm([each.p for each in found.values()]), strict=True))
    heads = ["method", "seeds", first, "Δ", "p"] + (["shifts", "Δ shifts"] if shifts else [])
    labelled = form != "number"
    if labelled:
        yield from _bases(arms)
        yield ARRIVES
        heads += ["arrives", "right then"]
    yield from lines_of(
        [*heads, "rationale", "tokens"],
        (
            [
                arm.name,
                str(len(arm.rows)),
                accuracy(arm, [first]),
                delta(found.get(arm.name)),
                _p(p_values.get(arm.name)),
                *([accuracy(arm, shifts), delta(shifted.get(arm.name))] if shifts else []),
                *(_arrivals(arm, first) if labelled else []),
                f"{arm.mean(first, 'rationale'):.1f}",
                f"{arm.mean(first, 'tokens'):.1f}",
            ]
            for arm in arms
        ),
    )
    if shifts and fraction == 1:
        yield from _by_shift(where, arms, shifts)


def _bases(arms: Sequence[Arm]) -> Iterator[str]:
    """Say what the bases had learnt; of those in `bases` everything that is measured by now."""
    found = [row["base"] for arm in arms for row in arm.rows.values() if "base" in row]
    latest = [course_of(path.parent) for path in BASES.glob(f"*/{FIGURES}")]
    digests = {base["digest"] for base in found}
    bases = {base["digest"]: base for base in [*found, *latest] if base["digest"] in digests}
    for digest, base in sorted(bases.items()):
        after = base.get("after_gold")
        yield (
            f"The base has taken the course of `course.py`; of {base['n']:,} unseen problems of "
            f"one step each, it then solves {base['yesno']:,} as yes/no questions and "
            f"{base['choice']:,} with four options"
            + (
                f"; after {after['n']} gold solutions of several steps it names "
                f"{after['yesno']} and {after['choice']} labels rightly"
                if after
                else ""
            )
            + f" (weights {digest}).\n"
        )


ARRIVES = """\
Arrives: rationales whose last step is the gold solution's value, in %; right then: the accuracy of
the labels that follow these (how many, of all seeds); – of heads that do not explain, and of rows
from before this was counted. – in place of an accuracy: the head learns to write rationales alone,
from which no label can be read.
"""


def _arrivals(arm: Arm, suite: str) -> list[str]:
    """Return how many rationales arrive at the gold value, and how many labels are right then."""
    found = [row["heads"][arm.label][suite] for row in arm.rows.values()]
    letters = [one.get("arrived") for one in found]
    if not all(letters):
        return ["–", "–"]
    then = [
        status == "c"
        for one in found
        for status, came in zip(one["status"], one["arrived"], strict=True)
        if came == "y"
    ]
    share = mean([each.count("y") / len(each) for each in letters])
    right = f"{100 * mean(then):.1f} ({len(then)})" if then and arm.answers else "–"
    return [f"{100 * share:.1f}", right]


def _by_shift(where: Where, arms: Sequence[Arm], shifts: Sequence[str]) -> Iterator[str]:
    """Yield the accuracy under each shift."""
    n = ", ".join(f"{shift} {len(next(iter(arms[0].right(shift).values())))}" for shift in shifts)
    yield f"\n## {where[0]}, {where[1]}: each shift\n"
    first = suites(arms[0])[0]
    yield (
        f"Accuracy in %, with intervals as above; n a seed: {n}. Kept: accuracy under all shifts "
        f"together over that on {first}, in % [95 % interval over seeds]; – where fewer than "
        f"{100 * LEAST:g} % are right there.\n"
    )
    yield from lines_of(
        ["method", "seeds", *shifts, "kept"],
        (
            [
                arm.name,
                str(len(arm.rows)),
                *(accuracy(arm, [shift]) for shift in shifts),
                _kept(arm, first, shifts),
            ]
            for arm in arms
        ),
    )


LEAST = 0.05
"""Accuracy in distribution below which a share of it says nothing."""


def _kept(arm: Arm, first: str, shifts: Sequence[str]) -> str:
    """Return how much of the accuracy in distribution is left under the shifts."""
    inside, outside = arm.right(first), [arm.right(shift) for shift in shifts]
    if mean([mean(right) for right in inside.values()]) < LEAST:
        return "–"
    values = []
    for seed in sorted(inside):
        off = [one for found in outside for one in found[seed]]
        values.append(mean(off) / mean(inside[seed]))
    return over_seeds(values)


def _shares(cells: Mapping[Where, Sequence[Arm]]) -> Iterator[str]:
    """Yield accuracy by share of the data."""
    places = sorted({(student, form) for student, form, fraction in cells if fraction < 1})
    for student, form in places:
        fractions = sorted(f for s, g, f in cells if (s, g) == (student, form))
        names = list(dict.fromkeys(a.name for f in fractions for a in cells[student, form, f]))
        partial = {a.name for f in fractions if f < 1 for a in cells[student, form, f]}
        yield f"\n## Less data: {student}, {form}\n"
        first = cells[student, form, fractions[0]][0]
        n = len(next(iter(first.right(suites(first)[0]).values())))
        yield (
            f"Accuracy in distribution in % [95 % interval, as wide as either over seeds or over "
            f"questions] (seeds); n = {n} a seed.\n"
        )
        yield from lines_of(
            ["method", *(f"{100 * f:g} %" for f in fractions)],
            (
                [name, *(_at(cells[student, form, f], name) for f in fractions)]
                for name in names
                if name in partial
            ),
        )


def _at(arms: Sequence[Arm], name: str) -> str:
    arm = next((arm for arm in arms if arm.name == name), None)
    return "–" if arm is None else f"{accuracy(arm, suites(arm)[:1])} ({len(arm.rows)})"


def _faithfulness(cells: Mapping[Where, Sequence[Arm]]) -> Iterator[str]:
    for where, arms in sorted(cells.items()):
        chosen = [
            arm
            for arm in arms
            if arm.label == "student" and all(r.get("faithfulness") for r in arm.rows.values())
        ]
        if not chosen:
            continue
        yield f"\n## Faithfulness: {where[0]}, {where[1]}\n"
        yield (
            "Means over seeds, in points, with a 95 % interval: over seeds, of one seed over its "
            "questions where that was measured. LAS and gain: how much better a simulator guesses "
            "the student's own answer with its rationale; n: explained answers of all seeds (of "
            "these, rationales that do not leak: half of LAS is a mean over them); perturbed: "
            "change of accuracy with half of the rationale's tokens replaced; oracle: with the "
            "gold solution in its place; – where all rationales leak, or the answer is not read "
            "from one.\n"
        )
        yield from lines_of(
            ["method", "seeds", "n", *FAITHFULNESS],
            (
                [
                    arm.variant,
                    str(len(arm.rows)),
                    _explained(arm),
                    *(
                        _points(arm, of, least=0 if name == "leak rate" else -1)
                        for name, of in FAITHFULNESS.items()
                    ),
                ]
                for arm in chosen
            ),
        )


Measured = tuple[float | None, Sequence[float] | None]
"""A number of one seed, and its interval over the questions."""


def _simulated(name: str) -> Callable[[Row], Measured]:
    return lambda found: (found["simulated"][name], found["simulated"].get(f"{name}_ci95"))


def _replaced(name: str) -> Callable[[Row], Measured]:
    return lambda found: (
        found.get(name, {}).get("difference"),
        found.get(name, {}).get("ci95"),
    )


FAITHFULNESS: dict[str, Callable[[Row], Measured]] = {
    "LAS": _simulated("las"),
    "gain": _simulated("gain"),
    "leak rate": _simulated("leak_rate"),
    "perturbed": _replaced("perturbed"),
    "oracle": _replaced("oracle"),
}


def _explained(arm: Arm) -> str:
    """Return the number of explained answers, and of those whose rationale does not leak."""
    found = [row["faithfulness"]["simulated"] for row in arm.rows.values()]
    clear = sum(round(one["n"] * (1 - one["leak_rate"])) for one in found)
    return f"{sum(one['n'] for one in found)} ({clear})"


def _points(arm: Arm, of: Callable[[Row], Measured], *, least: float) -> str:
    """Return a number in points; what it can be at least, and 1 at most, bounds its interval."""
    found = [of(row["faithfulness"]) for row in arm.rows.values()]
    known = [(value, interval) for value, interval in found if value is not None]
    if not known:
        return "–"
    values = [value for value, _ in known]
    interval = t_interval(values) if len(values) > 1 else known[0][1]
    if interval is None:
        return f"{100 * mean(values):.1f}"
    low, high = max(interval[0], least), min(interval[1], 1)
    return f"{100 * mean(values):.1f} [{100 * low:.1f}, {100 * high:.1f}]"


def _p(value: float | None) -> str:
    if value is None:
        return "–"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
