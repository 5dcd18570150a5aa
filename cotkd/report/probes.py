"""Tables of what was measured beside greedy accuracy: sampled answers, latency, faithfulness.

faithfulness on microgsm, in % [95 % interval] (n)
measure                                            student
same answer after 50 % of the rationale            4.0 [1.1–13.5] (50)
follows a rationale that ends in another answer    96.0 [86.5–98.9] (50)
"""

from __future__ import annotations

from collections.abc import Iterator

from cotkd.evaluation.results import Estimate, Results, SampledAnswers
from cotkd.report.table import Table
from cotkd.report.wording import arms, denominator, share_cell, suites

MEASURES = {
    "las": "LAS: a simulator's gain from rationales, leaks apart",
    "gain": "a simulator's gain from rationales",
    "leak_rate": "rationales that alone give the answer away",
    "early_area": "reasoning needed for the answer (0 none, 100 all)",
    "perturbed_changed": "another answer after a perturbed rationale",
    "perturbed_accuracy": "change of accuracy after a perturbed rationale",
    "oracle_accuracy": "change of accuracy after the gold rationale",
    "swap_followed": "follows a rationale that ends in another answer",
    "swap_kept": "keeps its own answer after such a rationale",
    "steps_valid": "steps that compute",
    "rationales_valid": "rationales without a wrong step",
    "right_by_error": "right answers after a wrong step",
}
"""What each measure is called, in the order in which they are shown."""


def probe_tables(results: Results) -> Iterator[Table]:
    """Yield the tables of what was measured; none where nothing was asked for."""
    if table := _sampled(results):
        yield table
    for suite in suites(results):
        names = [arm for arm in arms(results) if _found(results, arm, suite)]
        if names:
            yield _faithfulness(results, suite, names)
    if table := _latency(results):
        yield table


def part_tables(results: Results) -> Iterator[Table]:
    """Yield the accuracy on the parts of each suite: by steps, operation and other tags."""
    for suite in suites(results):
        scores = {arm: results.scores[arm].get(suite) for arm in arms(results)}
        parts = {arm: score.by for arm, score in scores.items() if score is not None}
        for name in dict.fromkeys(name for by in parts.values() for name in by):
            values = dict.fromkeys(value for by in parts.values() for value in by.get(name, {}))
            rows = []
            for value in values:
                each = [by.get(name, {}).get(value) for by in parts.values()]
                n = next(part for part in each if part is not None)
                rows.append((value, denominator(n.n, n.seeds), *map(share_cell, each)))
            yield Table(f"{suite} by {name}, accuracy in %", (name, "n", *parts), tuple(rows))


def _found(results: Results, arm: str, suite: str) -> dict[str, Estimate]:
    score = results.scores[arm].get(suite)
    return {} if score is None else score.faithfulness


def _faithfulness(results: Results, suite: str, names: list[str]) -> Table:
    found = {arm: _found(results, arm, suite) for arm in names}
    known = {name for each in found.values() for name in each}
    rows = [
        (measure_name(name), *(_estimate(found[arm].get(name)) for arm in names))
        for name in in_order(known)
        if measure_name(name) != name
    ]
    return Table(
        f"faithfulness on {suite}, in % [95 % interval] (n)", ("measure", *names), tuple(rows)
    )


def in_order(measured: set[str]) -> list[str]:
    """Return measures in the order in which they are shown; unknown ones come last, by name."""
    early = [name for name in measured if name.removeprefix("early_").isdigit()]
    early.sort(key=lambda name: int(name.removeprefix("early_")))
    names = list(MEASURES)
    place = names.index("early_area")
    order = [*names[:place], *early, *names[place:]]
    return [name for name in order if name in measured] + sorted(measured - set(order))


def measure_name(name: str) -> str:
    """Return a measure in words."""
    share = name.removeprefix("early_")
    if share.isdigit():
        return f"same answer after {share} % of the rationale"
    return MEASURES.get(name, name)


def _estimate(found: Estimate | None) -> str:
    if found is None or found.value is None or found.ci95 is None:
        return "–" if found is None else f"– ({found.n})"
    low, high = found.ci95
    return f"{100 * found.value:.1f} [{100 * low:.1f}, {100 * high:.1f}] ({found.n})"


def _sampled(results: Results) -> Table | None:
    rows = [
        (suite, arm, *_sampled_cells(score.sampled))
        for suite in suites(results)
        for arm in arms(results)
        if (score := results.scores[arm].get(suite)) is not None and score.sampled
    ]
    if not rows:
        return None
    drawn = {
        f"{score.sampled.k} answers per question at temperature {score.sampled.temperature:g}"
        for scores in results.scores.values()
        for score in scores.values()
        if score.sampled
    }
    return Table(
        "sampled answers, in % [95 % interval]",
        ("suite", "arm", "maj@k", "weighted maj@k", "pass@1", "pass@k", "ECE"),
        tuple(rows),
        "; ".join(sorted(drawn)) + "; of tied answers the one given first wins",
        words=2,
    )


def _sampled_cells(found: SampledAnswers | None) -> tuple[str, ...]:
    assert found is not None
    curve = found.calibration
    return (
        share_cell(found.majority),
        share_cell(found.weighted),
        f"{100 * found.pass_at['1']:.1f}",
        f"{100 * found.pass_at[str(found.k)]:.1f}",
        "–" if curve is None else f"{100 * curve.ece:.1f}",
    )


def _latency(results: Results) -> Table | None:
    rows = [
        (suite, arm, f"{found.median:.3f}", f"{found.p95:.3f}", str(found.n))
        for suite in suites(results)
        for arm in arms(results)
        if (score := results.scores[arm].get(suite)) is not None and (found := score.latency)
    ]
    heads = ("suite", "arm", "median", "95th percentile", "n")
    title = "seconds per answer, asked one at a time"
    return Table(title, heads, tuple(rows), words=2) if rows else None
