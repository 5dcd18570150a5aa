"""What the papers found, and whether it reappears in the benchmark's rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from benchmarks.methods.arms import Arm, Compared, Where, compare, delta, find, lines_of, suites
from benchmarks.methods.cells import FORMS
from benchmarks.methods.socratic import steps_of
from cotkd.evaluation.statistics import t_interval

REFERENCE = "fine_tune_cot"


class Side(NamedTuple):
    """An arm at a share of the data; head None is the main one."""

    variant: str
    head: str | None = None
    share: float = 1.0

    @property
    def name(self) -> str:
        """`socratic_iterative, oracle`, `step_by_step (50 %)`."""
        head = f", {self.head}" if self.head else ""
        return f"{self.variant}{head}" + ("" if self.share == 1 else f" ({100 * self.share:g} %)")


class Ordering(NamedTuple):
    """What a paper found: one arm better than another."""

    paper: str
    better: Side
    worse: Side
    forms: Sequence[str] = ("number",)
    on: Literal["all", "shifts", "deep"] = "all"
    """All questions in distribution, those of the shifts, or those in distribution of three steps
    and more."""


ALONE, PLAIN, ITERATIVE = Side("answer_only"), Side(REFERENCE), Side("socratic_iterative")
ALL_FORMS = tuple(FORMS)
ORDERINGS = (
    *(
        Ordering("Li et al. 2022: multi-task above answers alone", Side(kind), ALONE, ALL_FORMS)
        for kind in ("mt_re", "mt_ra", "mt_cot")
    ),
    Ordering("Li et al. 2022: MT-CoT above MT-Re", Side("mt_cot"), Side("mt_re"), ALL_FORMS),
    *(
        Ordering(
            "Hsieh et al. 2023: step-by-step above answers alone",
            Side("step_by_step", share=share),
            Side("answer_only", share=share),
            ALL_FORMS,
        )
        for share in (1.0, 0.5, 0.25, 0.125)
    ),
    Ordering(
        "Hsieh et al. 2023: step-by-step with half of the data above answers with all",
        Side("step_by_step", share=0.5),
        ALONE,
        ALL_FORMS,
    ),
    Ordering("Ho et al. 2023: rationales above answers alone", PLAIN, ALONE, ALL_FORMS),
    Ordering(
        "Ho et al. 2023: several rationales a question above one", PLAIN, Side("fine_tune_cot_one")
    ),
    Ordering(
        "Li et al. 2023 (SCoTD): without a filter no less accurate",
        Side("fine_tune_cot_unfiltered"),
        PLAIN,
    ),
    Ordering(
        "Wang et al. 2023: SCOTT no less accurate than plain rationales", Side("scott"), PLAIN
    ),
    Ordering(
        "Dai et al. 2024: CasCoD above plain rationales off distribution",
        Side("cascod"),
        PLAIN,
        on="shifts",
    ),
    Ordering("Chen et al. 2023: MCC-KD above plain rationales", Side("mcc_kd"), PLAIN),
    *(
        Ordering(f"Shridhar et al. 2023: {what}", better, worse)
        for what, better, worse in (
            ("decomposer and solver above answers alone", ITERATIVE, ALONE),
            ("decomposer and solver above plain rationales", ITERATIVE, PLAIN),
            (
                "one text of sub-questions and steps above plain rationales",
                Side("socratic_unified"),
                PLAIN,
            ),
            ("two models above one text", ITERATIVE, Side("socratic_unified")),
            (
                "gold sub-questions above predicted ones",
                Side("socratic_iterative", "oracle"),
                ITERATIVE,
            ),
        )
    ),
    *(
        Ordering(
            "Shridhar et al. 2023: above plain rationales where there are three steps and more",
            Side(f"socratic_{scheme}"),
            PLAIN,
            on="deep",
        )
        for scheme in ("iterative", "unified")
    ),
)
"""Those that this benchmark can speak about."""


def orderings(cells: Mapping[Where, Sequence[Arm]]) -> Iterator[str]:
    yield "\n## The papers' orderings at this scale\n"
    yield (
        "Reappears or reversed: the interval of the difference, over questions and seeds, leaves "
        "zero out; else the two are not told apart. Of one seed each it speaks of two students, "
        "not of two methods.\n"
    )
    lines = []
    for student in sorted({where[0] for where in cells}):
        for one in ORDERINGS:
            for form in one.forms:
                arms = [
                    find(cells.get((student, form, side.share), ()), side.variant, side.head)
                    for side in (one.better, one.worse)
                ]
                if arms[0] is None or arms[1] is None:
                    continue
                found = _difference(arms[0], arms[1], one.on)
                if found is None:
                    continue
                word = {1: "reappears", -1: "reversed", 0: "not told apart"}[found.told_apart]
                names = f"{one.better.name} − {one.worse.name}"
                seeds = _of_both(found.seeds)
                lines.append([one.paper, student, form, names, seeds, delta(found), word])
    lines += _more_faithful(cells)
    heads = ["paper", "student", "form", "difference", "seeds", "points", "here"]
    yield from lines_of(heads, lines, words=4)


def _of_both(seeds: tuple[int, int]) -> str:
    return str(seeds[0]) if seeds[0] == seeds[1] else f"{seeds[0]} and {seeds[1]}"


def _difference(one: Arm, other: Arm, on: Literal["all", "shifts", "deep"]) -> Compared | None:
    first, *shifts = suites(one)
    if on != "deep":
        return compare(one, other, shifts if on == "shifts" else [first])
    known, steps = steps_of(first, len(next(iter(one.right(first).values()))))
    if {row["heads"][one.label][first]["ids"] for row in one.rows.values()} != {known}:
        return None
    return compare(one, other, [first], among=[count >= 3 for count in steps])


def _more_faithful(cells: Mapping[Where, Sequence[Arm]]) -> Iterator[list[str]]:
    """Yield whether SCOTT's rationales say more about its answers than plain ones, over seeds."""
    for student, form, fraction in sorted(cells):
        arms = [find(cells[student, form, fraction], kind) for kind in ("scott", REFERENCE)]
        if arms[0] is None or arms[1] is None:
            continue
        values = [
            {
                seed: row["faithfulness"]["simulated"]["las"]
                for seed, row in arm.rows.items()
                if row.get("faithfulness")
            }
            for arm in arms
            if arm is not None
        ]
        differences = [
            values[0][seed] - values[1][seed]
            for seed in sorted(values[0].keys() & values[1].keys())
            if values[0][seed] is not None and values[1][seed] is not None
        ]
        if len(differences) > 1:
            low, high = t_interval(differences)
            middle = 100 * sum(differences) / len(differences)
            points = f"{middle:+.1f} [{100 * low:+.1f}, {100 * high:+.1f}]"
            word = "reappears" if low > 0 else "reversed" if high < 0 else "not told apart"
            paper = "Wang et al. 2023: LAS of SCOTT above that of plain rationales"
            seeds = str(len(differences))
            yield [paper, student, form, f"scott − {REFERENCE}", seeds, points, word]
