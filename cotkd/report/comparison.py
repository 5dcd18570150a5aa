"""Several runs in one table: accuracy and difference by suite, and what each run cost.

    suite              direct                two_heads
    microgsm           26.0 [22.3–30.0]      56.0 [51.6–60.3]
    n 500, detects 8.3                       +30.0 [+24.8, +35.2]
                                             p < 0.001
    trained tokens     600,000               600,000

Differences are to the first run, p-values corrected over the suites by Holm's method; `detects` is
the smallest true difference, in points, that such a comparison finds four times in five. The same
table is written for a terminal, in Markdown, LaTeX and HTML; CSV has one line per run and suite,
with every number in full.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal

from cotkd.evaluation.results import Comparison, SuiteScore
from cotkd.evaluation.runs import RunComparison, RunSummary
from cotkd.report.html import ENVIRONMENT
from cotkd.report.table import Table
from cotkd.report.wording import (
    bracketed,
    count,
    denominator,
    difference_cell,
    duration,
    p_value,
    share_cell,
    short,
    tests,
)

Format = Literal["markdown", "latex", "csv", "html"]
WIDE = 4
"""Runs up to which each is a column; more of them are rows."""


def comparison_table(comparison: RunComparison) -> Table:
    """Return the runs side by side: one column per run, or one row where there are many."""
    lines = [*_suite_lines(comparison), *_cost_lines(comparison)]
    names = tuple(run.name for run in comparison.runs)
    title = f"accuracy of the {comparison.arm} in % [95 % interval]"
    if len(names) <= WIDE:
        rows = tuple((label, *cells) for label, cells in lines)
        return Table(title, ("suite", *names), rows, _caption(comparison))
    columns = ("run", *(label for label, _ in lines))
    cells = zip(*(cells for _, cells in lines), strict=True)
    rows = tuple((name, *each) for name, each in zip(names, cells, strict=True))
    return Table(title, columns, rows, _caption(comparison))


def _suite_lines(comparison: RunComparison) -> Iterator[tuple[str, list[str]]]:
    found = _by_run_and_suite(comparison)
    for suite in comparison.suites:
        rows = [found.get((run.name, suite)) for run in comparison.runs]
        scores = [run.scores.get(suite) for run in comparison.runs]
        cells = [_cell(score, row) for score, row in zip(scores, rows, strict=True)]
        yield _label(suite, scores, [row for row in rows if row is not None]), cells
    if comparison.common > 1:
        means = [run.mean for run in comparison.runs]
        cells = ["–" if mean is None else bracketed(mean.value, mean.ci95) for mean in means]
        yield f"mean of {comparison.common} suites", cells


def _by_run_and_suite(comparison: RunComparison) -> Mapping[tuple[str, str], Comparison]:
    return {(row.a, row.suite): row for row in comparison.comparisons}


def _label(suite: str, scores: Sequence[SuiteScore | None], rows: Sequence[Comparison]) -> str:
    sizes = {denominator(score.n, score.seeds) for score in scores if score is not None}
    text = f"{suite}\nn {' or '.join(sorted(sizes))}"
    shown = [row.detectable for row in rows]
    if not shown:
        return text
    known = [one for one in shown if one is not None]
    most = f"{100 * max(known):.1f}" if len(known) == len(shown) else "nothing"
    return f"{text}, detects {most}"


def _cell(score: SuiteScore | None, row: Comparison | None) -> str:
    if score is None:
        return "–"
    text = share_cell(score)
    if row is None:
        return text
    p = p_value(row.p_value if row.p_holm is None else row.p_holm)
    shown = p if p.startswith("<") else f"= {p}"
    return f"{text}\n{difference_cell(row)}\np {shown}"


def _cost_lines(comparison: RunComparison) -> Iterator[tuple[str, list[str]]]:
    def line(label: str, cell: Callable[[RunSummary], str]) -> tuple[str, list[str]]:
        return label, [cell(run) for run in comparison.runs]

    yield line("method", lambda run: run.method or "–")
    yield line("seeds", lambda run: ", ".join(map(str, run.seeds)))
    yield line("parameters", lambda run: _known(run.parameters, short))
    yield line("trained tokens", lambda run: _known(run.processed_tokens, count))
    yield line("tokens per answer", lambda run: _known(run.answer_tokens, "{:.1f}".format))
    yield line("teacher tokens", lambda run: _known(run.teacher_tokens, count))
    yield line("time", lambda run: _known(run.seconds, duration))


def _known(value: float | None, shown: Callable[[float], str]) -> str:
    return "–" if value is None else shown(value)


def _caption(comparison: RunComparison) -> str:
    first = comparison.runs[0].name
    parts = [
        f"below: difference to {first} in points, p corrected over suites (Holm)",
        *filter(None, [tests(comparison.comparisons)]),
        "detects: smallest true difference found four times in five",
        *comparison.notes,
    ]
    return "; ".join(parts)


def rendered(comparison: RunComparison, format: Format, *, plot: str | None = None) -> str:
    """Return the comparison as text in a format.

    Args:
        comparison: What `compare_runs` returned.
        format: `markdown`, `latex`, `csv`, `html`.
        plot: An SVG drawing for the HTML page; the other formats have no place for it.
    """
    if format == "csv":
        return to_csv(comparison)
    table = comparison_table(comparison)
    if format == "markdown":
        return f"### {table.title}\n\n{table.markdown()}\n{table.caption}\n"
    return to_latex(table) if format == "latex" else to_html(table, plot)


_COMPARED = {
    "compared_with": "b",
    "difference": "difference",
    "difference_low": "low",
    "difference_high": "high",
    "p": "p_value",
    "p_holm": "p_holm",
    "test": "test",
    "compared_n": "n",
    "clusters": "clusters",
    "detectable": "detectable",
}
"""Columns of the comparison with the first run, and what they hold."""


def to_csv(comparison: RunComparison) -> str:
    """Return one line per run and suite; what is not known is empty, shares are of one."""
    found = _by_run_and_suite(comparison)
    lines = [
        _csv_line(run, suite, run.scores[suite], found.get((run.name, suite)))
        for run in comparison.runs
        for suite in comparison.suites
        if suite in run.scores
    ]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(lines[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue()


def _csv_line(
    run: RunSummary, suite: str, score: SuiteScore, row: Comparison | None
) -> dict[str, object]:
    fields: dict[str, object] = {}
    if row is not None:
        fields = {**dict(row), "low": row.ci95[0], "high": row.ci95[1]}
    return {
        "run": run.name,
        "method": run.method,
        "seeds": " ".join(map(str, run.seeds)),
        "suite": suite,
        "n": score.n,
        "correct": score.correct,
        "unparsed": score.unparsed,
        "truncated": score.truncated,
        "accuracy": score.accuracy,
        "accuracy_low": score.ci95[0],
        "accuracy_high": score.ci95[1],
        **{column: fields.get(field) for column, field in _COMPARED.items()},
        "parameters": run.parameters,
        "trained_tokens": run.processed_tokens,
        "tokens_per_answer": score.metrics.get("tokens_per_answer"),
        "teacher_tokens": run.teacher_tokens,
        "seconds": run.seconds,
    }


_LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "–": "--",
        "−": "$-$",
        "×": r"$\times$",
        **{char: f"\\{char}" for char in "&%$#_{}"},
    }
)


def to_latex(table: Table) -> str:
    """Return a `table` that needs the package booktabs and nothing else."""
    numbers = len(table.columns) - table.words

    def row(cells: Sequence[str], numeric: int) -> str:
        places = ["l"] * (len(cells) - numeric) + ["r"] * numeric
        return " & ".join(map(_latex_cell, cells, places)) + r" \\"

    body = [row(cells, numbers) for cells in table.rows]
    return "\n".join(
        [
            r"\begin{table}",
            r"\centering\small",
            rf"\caption{{{_latex(table.title)}. {_latex(table.caption)}.}}",
            rf"\begin{{tabular}}{{{'l' * table.words}{'r' * numbers}}}",
            r"\toprule",
            row(table.columns, numbers),
            r"\midrule",
            *body,
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def _latex(text: str) -> str:
    return text.translate(_LATEX)


def _latex_cell(text: str, place: str) -> str:
    lines = [_latex(line) for line in text.split("\n")]
    if len(lines) == 1:
        return lines[0]
    stacked = r" \\ ".join(lines)
    return rf"\shortstack[{place}]{{{stacked}}}"


def to_html(table: Table, plot: str | None = None) -> str:
    """Return a page that needs no network and runs no script; names are escaped."""
    return ENVIRONMENT.get_template("comparison.html.jinja").render(table=table, plot=plot) + "\n"
