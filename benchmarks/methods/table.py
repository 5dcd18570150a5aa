"""results.jsonl to table.md: accuracies with intervals, paired tests, lengths, faithfulness.

Everything is computed from the answers in the rows; nothing is typed. Compared are the same
questions and the same seeds. The interval of a difference resamples questions, with all seeds of a
question together; p is the exact sign test on the questions that one of the two got right with more
seeds than the other, by Holm's method over the comparisons of a table.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.methods.cells import RECIPES, SUITES
from cotkd.evaluation.statistics import mcnemar_exact, paired_bootstrap, t_interval, wilson

REFERENCE = "fine_tune_cot"
Row = dict[str, Any]
Where = tuple[str, str, float]
"""Student, form, share of the data."""


class Arm(NamedTuple):
    """One head of one variant, over its seeds."""

    variant: str
    head: str
    label: str
    rows: dict[int, Row]
    """By seed."""

    @property
    def name(self) -> str:
        """`step_by_step, explain`; a method with one head has no other name."""
        heads = {label for row in self.rows.values() for label in row["heads"]}
        return f"{self.variant}, {self.head}" if len(heads) > 1 else self.variant

    def right(self, suite: str) -> dict[int, list[bool]]:
        """Return who was right on each question of a suite, by seed."""
        found = {seed: row["heads"][self.label][suite] for seed, row in self.rows.items()}
        return {seed: [one == "c" for one in each["status"]] for seed, each in found.items()}

    def mean(self, suite: str, field: str) -> float:
        """Return the mean over seeds of a number of a suite."""
        return _mean([row["heads"][self.label][suite][field] for row in self.rows.values()])


class Compared(NamedTuple):
    """Accuracy of one arm minus that of another."""

    value: float
    low: float
    high: float
    p: float
    seeds: int

    @property
    def told_apart(self) -> int:
        """1 where the interval lies above zero, -1 below, else 0."""
        return (self.low > 0) - (self.high < 0)


def write_table(results: Path, table: Path) -> None:
    """Write the tables of all rows of the largest size in `results`."""
    from benchmarks.methods.__main__ import read

    rows = read(results)
    if not rows:
        raise SystemExit(f"{results}: no rows: measure some with `run`")
    sizes = {tuple(row["size"].items()): row["size"] for row in rows}
    size = max(sizes.values(), key=lambda one: (one["limit"] is None, one["tokens"]))
    table.write_text("\n".join(_lines([row for row in rows if row["size"] == size], size)))


def _lines(rows: Sequence[Row], size: Mapping[str, Any]) -> Iterator[str]:
    commits = ", ".join(sorted({row["commit"] for row in rows}))
    yield "# Every method on MicroGSM\n"
    yield "Made by `python -m benchmarks.methods table` from results.jsonl; not typed.\n"
    yield (
        f"{len(rows)} students; {size['questions']} questions x {size['samples']} samples, "
        f"{size['tokens']:,} processed tokens (twice as many for encoder-decoders), the same "
        f"for every method; checkpoint chosen on development questions by all heads. "
        f"Commits: {commits}.\n"
    )
    if size["limit"]:
        yield f"**A trial: {size['limit']} questions of each suite.**\n"
    cells = _by_place(rows)
    for where in sorted(cells, key=lambda one: (one[2] < 1, list(SUITES).index(one[1]), one[0])):
        yield from _accuracies(where, cells[where])
    yield from _shares(cells)
    yield from _faithfulness(cells)
    yield from _orderings(cells)


def _by_place(rows: Sequence[Row]) -> dict[Where, list[Arm]]:
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
    first, *shifts = _suites(arms[0])
    n = len(next(iter(arms[0].right(first).values())))
    share = "" if fraction == 1 else f", {100 * fraction:g} % of the data"
    yield f"\n## {student}, {form}{share}\n"
    yield f"Accuracy in %; {first}: n = {n} a seed; Δ: against {REFERENCE}, paired, in points.\n"
    against = find(arms, REFERENCE)
    found: dict[str, Compared] = {}
    shifted: dict[str, Compared | None] = {}
    for arm in arms if against else ():
        if arm.name != against.name and (difference := compare(arm, against, [first])):
            found[arm.name] = difference
            shifted[arm.name] = compare(arm, against, shifts)
    p_values = dict(zip(found, holm([each.p for each in found.values()]), strict=True))
    heads = ["method", "seeds", first, "Δ", "p"] + (["shifts", "Δ shifts"] if shifts else [])
    yield from _table(
        [*heads, "rationale", "tokens"],
        (
            [
                arm.name,
                str(len(arm.rows)),
                accuracy(arm, [first]),
                _delta(found.get(arm.name)),
                _p(p_values.get(arm.name)),
                *([accuracy(arm, shifts), _delta(shifted.get(arm.name))] if shifts else []),
                f"{arm.mean(first, 'rationale'):.1f}",
                f"{arm.mean(first, 'tokens'):.1f}",
            ]
            for arm in arms
        ),
    )


def _shares(cells: Mapping[Where, Sequence[Arm]]) -> Iterator[str]:
    """Yield accuracy by share of the data."""
    places = sorted({(student, form) for student, form, fraction in cells if fraction < 1})
    for student, form in places:
        fractions = sorted(f for s, g, f in cells if (s, g) == (student, form))
        names = list(dict.fromkeys(a.name for f in fractions for a in cells[student, form, f]))
        partial = {a.name for f in fractions if f < 1 for a in cells[student, form, f]}
        yield f"\n## Less data: {student}, {form}\n"
        yield "Accuracy in distribution, in %.\n"
        yield from _table(
            ["method", *(f"{100 * f:g} %" for f in fractions)],
            (
                [name, *(_at(cells[student, form, f], name) for f in fractions)]
                for name in names
                if name in partial
            ),
        )


def _at(arms: Sequence[Arm], name: str) -> str:
    arm = next((arm for arm in arms if arm.name == name), None)
    return "–" if arm is None else accuracy(arm, _suites(arm)[:1])


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
            "Means over seeds, in points. LAS and gain: how much better a simulator guesses the "
            "student's own answer with its rationale; perturbed: change of accuracy with half of "
            "the rationale's tokens replaced; oracle: with the gold solution in its place; – where "
            "all rationales leak, or the answer is not read from one.\n"
        )
        columns: dict[str, Callable[[Row], float | None]] = {
            "LAS": lambda found: found["simulated"]["las"],
            "gain": lambda found: found["simulated"]["gain"],
            "leak rate": lambda found: found["simulated"]["leak_rate"],
            "perturbed": lambda found: found.get("perturbed", {}).get("difference"),
            "oracle": lambda found: found.get("oracle", {}).get("difference"),
        }
        yield from _table(
            ["method", "seeds", *columns],
            (
                [arm.variant, str(len(arm.rows)), *(_points(arm, of) for of in columns.values())]
                for arm in chosen
            ),
        )


def _points(arm: Arm, of: Callable[[Row], float | None]) -> str:
    values = [of(row["faithfulness"]) for row in arm.rows.values()]
    known = [value for value in values if value is not None]
    if not known:
        return "–"
    spread = ""
    if len(known) > 1:
        low, high = t_interval(known)
        spread = f" [{100 * low:.1f}, {100 * high:.1f}]"
    return f"{100 * _mean(known):.1f}{spread}"


class Ordering(NamedTuple):
    """What a paper found: one arm better than another."""

    paper: str
    better: tuple[str, str | None, float]
    """Variant, head (None is the main one) and share of the data."""
    worse: tuple[str, str | None, float]
    form: str
    shifted: bool = False


ORDERINGS = (
    *(
        Ordering("Li et al. 2022: multi-task above answers alone", (kind, None, 1.0), answer, form)
        for form in ("yesno", "choice")
        for kind in ("mt_re", "mt_ra", "mt_cot")
        for answer in [("answer_only", None, 1.0)]
    ),
    *(
        Ordering("Li et al. 2022: MT-CoT above MT-Re", ("mt_cot", None, 1.0), other, form)
        for form in ("yesno", "choice")
        for other in [("mt_re", None, 1.0)]
    ),
    *(
        Ordering(
            "Hsieh et al. 2023: step-by-step above answers alone",
            ("step_by_step", None, share),
            ("answer_only", None, share),
            form,
        )
        for form in ("yesno", "choice")
        for share in (1.0, 0.5, 0.25, 0.125)
    ),
    *(
        Ordering(
            "Hsieh et al. 2023: step-by-step with half of the data above answers with all",
            ("step_by_step", None, 0.5),
            ("answer_only", None, 1.0),
            form,
        )
        for form in ("yesno", "choice")
    ),
    Ordering(
        "Ho et al. 2023: several rationales above answers alone",
        ("fine_tune_cot", None, 1.0),
        ("answer_only", None, 1.0),
        "number",
    ),
    Ordering(
        "Wang et al. 2023: SCOTT no less accurate than plain rationales",
        ("scott", None, 1.0),
        (REFERENCE, None, 1.0),
        "number",
    ),
    Ordering(
        "Dai et al. 2024: CasCoD above plain rationales off distribution",
        ("cascod", None, 1.0),
        (REFERENCE, None, 1.0),
        "number",
        shifted=True,
    ),
    Ordering(
        "Chen et al. 2023: MCC-KD above plain rationales",
        ("mcc_kd", None, 1.0),
        (REFERENCE, None, 1.0),
        "number",
    ),
)
"""See `cot_methods` of the papers: those that this benchmark can speak about."""


def _orderings(cells: Mapping[Where, Sequence[Arm]]) -> Iterator[str]:
    yield "\n## The papers' orderings at this scale\n"
    yield (
        "Reappears or reversed: the interval of the paired difference leaves zero out; else the "
        "two are not told apart.\n"
    )
    lines = []
    for student in sorted({where[0] for where in cells}):
        for one in ORDERINGS:
            arms = [
                find(cells.get((student, one.form, share), ()), variant, head)
                for variant, head, share in (one.better, one.worse)
            ]
            if arms[0] is None or arms[1] is None:
                continue
            first, *shifts = _suites(arms[0])
            found = compare(arms[0], arms[1], shifts if one.shifted else [first])
            if found is None:
                continue
            word = {1: "reappears", -1: "reversed", 0: "not told apart"}[found.told_apart]
            names = " − ".join(
                variant + ("" if share == 1 else f" ({100 * share:g} %)")
                for variant, _, share in (one.better, one.worse)
            )
            lines.append([one.paper, student, one.form, names, _delta(found), word])
    yield from _table(["paper", "student", "form", "difference", "points", "here"], lines, words=4)


def find(arms: Sequence[Arm], variant: str, head: str | None = None) -> Arm | None:
    """Return the arm of a variant's head, by default its main one."""
    for arm in arms:
        main = arm.label == "student"
        if arm.variant == variant and (main if head is None else arm.head == head):
            return arm
    return None


def compare(one: Arm, other: Arm, suites: Sequence[str]) -> Compared | None:
    """Return the paired difference over the seeds and questions of both; None without any."""
    seeds = sorted(one.rows.keys() & other.rows.keys())
    left: list[float] = []
    right: list[float] = []
    clusters: list[str] = []
    for suite in suites:
        a, b = one.right(suite), other.right(suite)
        for seed in seeds:
            ids = [arm.rows[seed]["heads"][arm.label][suite]["ids"] for arm in (one, other)]
            assert ids[0] == ids[1], f"{one.name} and {other.name} answered other questions"
            left += map(float, a[seed])
            right += map(float, b[seed])
            clusters += [f"{suite}/{number}" for number in range(len(a[seed]))]
    if not left:
        return None
    found = paired_bootstrap(left, right, clusters=clusters)
    wins: dict[str, float] = {}
    for x, y, cluster in zip(left, right, clusters, strict=True):
        wins[cluster] = wins.get(cluster, 0.0) + x - y
    p = mcnemar_exact(sum(net > 0 for net in wins.values()), sum(net < 0 for net in wins.values()))
    return Compared(found.value, found.ci95.low, found.ci95.high, p, len(seeds))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted for their number, in the same order."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[i]))
        adjusted[i] = highest
    return adjusted


def accuracy(arm: Arm, suites: Sequence[str]) -> str:
    """Return the mean over seeds with Student's interval; of one seed with Wilson's."""
    right = [arm.right(suite) for suite in suites]
    each = [[one for found in right for one in found[seed]] for seed in sorted(arm.rows)]
    shares = [sum(answers) / len(answers) for answers in each]
    if len(shares) > 1:
        low, high = t_interval(shares)
    else:
        low, high = wilson(sum(each[0]), len(each[0]))
    return f"{100 * _mean(shares):.1f} [{100 * max(0.0, low):.1f}–{100 * min(1.0, high):.1f}]"


def _suites(arm: Arm) -> list[str]:
    return list(next(iter(arm.rows.values()))["heads"][arm.label])


def _delta(found: Compared | None) -> str:
    if found is None:
        return "–"
    return f"{100 * found.value:+.1f} [{100 * found.low:+.1f}, {100 * found.high:+.1f}]"


def _p(value: float | None) -> str:
    if value is None:
        return "–"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _table(
    heads: Sequence[str], rows: Iterator[Sequence[str]] | Sequence[Sequence[str]], *, words: int = 1
) -> Iterator[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---|" * words + "---:|" * (len(heads) - words)
    for row in rows:
        yield "| " + " | ".join(row) + " |"
