"""What the papers found, and whether it reappears in the benchmark's rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from benchmarks.methods.arms import Arm, Where, compare, delta, find, lines_of, suites
from benchmarks.methods.cells import FORMS
from cotkd.evaluation.statistics import t_interval

REFERENCE = "fine_tune_cot"


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
        for form in FORMS
        for kind in ("mt_re", "mt_ra", "mt_cot")
        for answer in [("answer_only", None, 1.0)]
    ),
    *(
        Ordering("Li et al. 2022: MT-CoT above MT-Re", ("mt_cot", None, 1.0), other, form)
        for form in FORMS
        for other in [("mt_re", None, 1.0)]
    ),
    *(
        Ordering(
            "Hsieh et al. 2023: step-by-step above answers alone",
            ("step_by_step", None, share),
            ("answer_only", None, share),
            form,
        )
        for form in FORMS
        for share in (1.0, 0.5, 0.25, 0.125)
    ),
    *(
        Ordering(
            "Hsieh et al. 2023: step-by-step with half of the data above answers with all",
            ("step_by_step", None, 0.5),
            ("answer_only", None, 1.0),
            form,
        )
        for form in FORMS
    ),
    *(
        Ordering(
            "Hsieh et al. 2023 keep all rationales: right ones alone above all of them",
            ("step_by_step_correct", None, 1.0),
            ("step_by_step", None, 1.0),
            form,
        )
        for form in FORMS
    ),
    *(
        Ordering(
            "Ho et al. 2023: several rationales above answers alone",
            (REFERENCE, None, 1.0),
            ("answer_only", None, 1.0),
            form,
        )
        for form in FORMS
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
    *(
        Ordering(f"Shridhar et al. 2023: {what}", better, worse, "number")
        for what, better, worse in (
            (
                "decomposer and solver above answers alone",
                ("socratic_iterative", None, 1.0),
                ("answer_only", None, 1.0),
            ),
            (
                "decomposer and solver above plain rationales",
                ("socratic_iterative", None, 1.0),
                (REFERENCE, None, 1.0),
            ),
            (
                "one text of sub-questions and steps above plain rationales",
                ("socratic_unified", None, 1.0),
                (REFERENCE, None, 1.0),
            ),
            (
                "two models above one text",
                ("socratic_iterative", None, 1.0),
                ("socratic_unified", None, 1.0),
            ),
            (
                "gold sub-questions above predicted ones",
                ("socratic_iterative", "oracle", 1.0),
                ("socratic_iterative", None, 1.0),
            ),
        )
    ),
)
"""Those that this benchmark can speak about."""


def orderings(cells: Mapping[Where, Sequence[Arm]]) -> Iterator[str]:
    yield "\n## The papers' orderings at this scale\n"
    yield (
        "Reappears or reversed: the interval of the paired difference leaves zero out; else the "
        "two are not told apart. Of one seed it speaks of two students, not of two methods.\n"
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
            first, *shifts = suites(arms[0])
            found = compare(arms[0], arms[1], shifts if one.shifted else [first])
            if found is None:
                continue
            word = {1: "reappears", -1: "reversed", 0: "not told apart"}[found.told_apart]
            names = " − ".join(
                variant
                + (f", {head}" if head else "")
                + ("" if share == 1 else f" ({100 * share:g} %)")
                for variant, head, share in (one.better, one.worse)
            )
            seeds = str(found.seeds)
            lines.append([one.paper, student, one.form, names, seeds, delta(found), word])
    lines += _more_faithful(cells)
    heads = ["paper", "student", "form", "difference", "seeds", "points", "here"]
    yield from lines_of(heads, lines, words=4)


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
