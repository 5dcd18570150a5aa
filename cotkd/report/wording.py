"""Numbers and findings as words: the one place that decides how many digits are shown.

    percent(0.5236) -> "52.4%"        points(0.342) -> "+34.2"        p_value(1e-9) -> "< 0.001"

Rates come in as shares of one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sized

from cotkd.evaluation.paired import FEW
from cotkd.evaluation.results import Comparison, Interval, Proportion, Results, SuiteScore

ARMS = ("student", "baseline", "teacher")
"""Arms in the order in which they are shown; others follow by name."""


def percent(share: float) -> str:
    """Return a share as a percentage with one decimal."""
    return f"{100 * share:.1f}%"


def points(difference: float) -> str:
    """Return a difference of shares in signed percentage points; never `-0.0`."""
    text = f"{100 * difference:+.1f}".replace("-", "−")
    return "0.0" if text[1:] == "0.0" else text


def percent_interval(ci95: Interval) -> str:
    """Return an interval of shares, in percent."""
    return f"{100 * ci95.low:.1f} – {100 * ci95.high:.1f}"


def bracketed(value: float | None, ci95: tuple[float, float] | None) -> str:
    """Return a share with its interval for a table: `56.0 [51.6–60.3]`; a dash for none."""
    if value is None or ci95 is None:
        return "–"
    return f"{100 * value:.1f} [{100 * ci95[0]:.1f}–{100 * ci95[1]:.1f}]"


def share_cell(share: Proportion | None) -> str:
    """Return an accuracy with its interval for a table; a dash where there is none."""
    return "–" if share is None else bracketed(share.accuracy, share.ci95)


def difference_cell(row: Comparison) -> str:
    """Return a difference with its interval for a table: `+30.0 [+24.8, +35.2]`."""
    return f"{points(row.difference)} [{points(row.ci95[0])}, {points(row.ci95[1])}]"


def points_interval(ci95: Interval) -> str:
    """Return an interval of differences, in points."""
    return f"{points(ci95.low)} to {points(ci95.high)}"


def section(title: str, text: str) -> str:
    """Return a section of a card as Markdown; nothing for no text."""
    return f"## {title}\n\n{text}" if text else ""


def p_value(p: float) -> str:
    """Return `0.012`, or `< 0.001`: no test here carries more than three decimals."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def count(n: float) -> str:
    """Return a whole number with commas between thousands."""
    return f"{round(n):,}"


def denominator(n: int, seeds: Sized | None) -> str:
    """Return how many questions were asked: `500`, or `500 × 3` where three seeds answered them."""
    return count(n) if seeds is None else f"{count(n / len(seeds))} × {len(seeds)}"


def asked(scores: Iterable[tuple[str, Proportion | None]]) -> str:
    """Return `n = 500`, or `n = 500; other 150` where an arm was asked another number."""
    shown = {arm: denominator(one.n, one.seeds) for arm, one in scores if one is not None}
    first, *_ = shown.values()
    others = "".join(f"; {arm} {n}" for arm, n in shown.items() if n != first)
    return f"n = {first}{others}{' seeds' if ' × ' in first else ''}"


def size(parameters: int | None) -> str:
    """Return a number of parameters in the usual unit, e.g. `2.5 M parameters`."""
    return "size unknown" if parameters is None else f"{short(parameters)} parameters"


def short(n: float) -> str:
    """Return a number with three digits in the usual unit, e.g. `2.5 M`."""
    for unit, scale in ((" B", 1e9), (" M", 1e6), (" k", 1e3)):
        if n >= scale:
            return f"{n / scale:.3g}{unit}"
    return f"{n:.3g}"


def duration(seconds: float) -> str:
    """Return a time as `8.2 s`, `3 min 05 s` or `2 h 07 min`."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes = round(seconds) // 60
    if minutes < 60:
        return f"{minutes} min {round(seconds) % 60:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def by_arm(arm: str) -> tuple[int, str]:
    """Return the sort key of an arm: student, baseline, teacher, then others by name.

    Further heads of an arm, `student:explain`, come after it.
    """
    first = arm.partition(":")[0]
    return (ARMS.index(first) if first in ARMS else len(ARMS), arm)


def arms(results: Results) -> list[str]:
    """Return the arms that have scores, in the order in which they are shown."""
    return sorted((arm for arm, scores in results.scores.items() if scores), key=by_arm)


def suites(results: Results) -> list[str]:
    """Return the suites in the order in which they were run; the first is in distribution."""
    return list(dict.fromkeys(suite for arm in arms(results) for suite in results.scores[arm]))


def findings(results: Results) -> list[str]:
    """Return what the run found, in at most three sentences; empty without scores and samples."""
    if not suites(results):
        return _vote_findings(results)
    first, *others = suites(results)
    sentences = [_first_finding(results, first)]
    gains = [row for row in results.comparisons if (row.a, row.b) == ("student", "baseline")]
    shifted = sorted((row for row in gains if row.suite in others), key=lambda row: row.difference)
    if shifted:
        sure = sum(row.ci95.low > 0 for row in shifted)
        sentences.append(
            f"Off distribution the gain goes from {points(shifted[0].difference)} points "
            f"({shifted[0].suite}) to {points(shifted[-1].difference)} ({shifted[-1].suite}); "
            f"its interval lies above zero on {sure} of {len(shifted)} suites."
        )
    return sentences


def _first_finding(results: Results, suite: str) -> str:
    student, baseline, teacher = (
        results.scores.get(arm, {}).get(suite) for arm in ("student", "baseline", "teacher")
    )
    if student is None:
        arm = arms(results)[0]
        found = results.scores[arm].get(suite)
        return f"On {suite} the {arm} answers {_share(found)}." if found else ""
    text = f"On {suite} the student answers {_share(student)}"
    if baseline is not None:
        text += f", the baseline {percent(baseline.accuracy)}"
        gain = find(results, "student", "baseline", suite)
        if gain is not None:
            text += f": {points(gain.difference)} points ({points_interval(gain.ci95)})"
            shown = p_value(gain.p_value)
            text += f", p {shown}" if shown.startswith("<") else f", p = {shown}"
    text += "."
    if teacher is not None:
        text += f" The teacher reaches {percent(teacher.accuracy)}."
    return text


def _share(score: SuiteScore) -> str:
    seeds = len(score.seeds or (0,))
    mean = f" (mean of {seeds} seeds)" if seeds > 1 else ""
    return (
        f"{percent(score.accuracy)} ({percent_interval(score.ci95)}) "
        f"of {count(score.n / seeds)} questions correctly{mean}"
    )


def _vote_findings(results: Results) -> list[str]:
    data = results.data
    if not data.sampled:
        return []
    text = (
        f"{count(data.correct)} of {count(data.sampled)} samples end in the right answer "
        f"({percent(data.correct / data.sampled)}); {count(data.unparsed)} could not be read."
    )
    if data.vote is None:
        return [text]
    best = data.vote
    return [
        text,
        f"A majority vote over up to {best.k} samples is right on "
        f"{percent(best.majority.accuracy)} ({percent_interval(best.majority.ci95)}) of "
        f"{count(best.majority.n)} questions, at least one sample on "
        f"{percent(best.any_of_k.accuracy)}.",
    ]


def find(results: Results, a: str, b: str, suite: str) -> Comparison | None:
    """Return the comparison of two arms on a suite."""
    wanted = (a, b, suite)
    return next((r for r in results.comparisons if (r.a, r.b, r.suite) == wanted), None)


def comparisons(results: Results) -> list[Comparison]:
    """Return the comparisons with suites in the order in which they were run."""
    order = {suite: number for number, suite in enumerate(suites(results))}
    pairs = list(dict.fromkeys((row.a, row.b) for row in results.comparisons))
    return sorted(
        results.comparisons,
        key=lambda row: (pairs.index((row.a, row.b)), order.get(row.suite, len(order))),
    )


_SCORE = f"(Tango's score interval if fewer than {FEW} are unlike the rest)"
TESTS = {
    "mcnemar_exact": f"paired bootstrap of questions {_SCORE}, exact two-sided McNemar test",
    "sign_flip_exact": f"bootstrap of clusters {_SCORE}, exact two-sided sign-flip test",
    "questions_and_seeds": "interval and p from draws of questions and seeds",
    "t_over_seeds": "Student's t interval and t-test over seeds",
}
"""What intervals and p-values of a comparison come from, by the name of its test."""


def tests(rows: Iterable[Comparison]) -> str:
    """Return where the intervals and p-values of these comparisons come from."""
    return "; ".join(dict.fromkeys(TESTS[row.test] for row in rows))
