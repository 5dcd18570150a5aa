"""Tables of results: for the terminal (rich) and for Markdown, from the same cells.

    suite            n            student           baseline            teacher
    microgsm       500   56.0 [51.6–60.3]   26.0 [22.3–30.0]   81.7 [78.1–84.8]

The tables of a run fit a terminal of 80 columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from cotkd.evaluation.results import Comparison, Results, SuiteScore
from cotkd.evaluation.runs import RunComparison
from cotkd.report.wording import (
    arms,
    comparisons,
    count,
    denominator,
    duration,
    p_value,
    points,
    suites,
)

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table as RichTable


FIGURES: dict[str, Callable[[str], bool]] = {
    "sub-questions against gold ones, in %": lambda name: (
        name in ("same_number", "bleu", "rouge_l")
    ),
    "accuracy in % by steps of the gold solution": lambda name: name.startswith("accuracy_"),
    "wrong answers in % of all, by what went wrong": lambda name: name.startswith("wrong_"),
}
"""Tables of further figures, and what belongs in them."""


class Table(NamedTuple):
    """A title, column heads and rows of text."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    words: int = 1
    """How many columns, from the left, hold words; the others hold numbers."""

    def rich(self) -> RichTable:
        """Return the table for a terminal."""
        from rich.box import SIMPLE_HEAD
        from rich.table import Table as RichTable
        from rich.text import Text

        table = RichTable(
            title=Text(self.title),
            caption=Text(self.caption),
            box=SIMPLE_HEAD,
            title_justify="left",
            caption_justify="left",
            pad_edge=False,
            collapse_padding=True,
        )
        for number, name in enumerate(self.columns):
            table.add_column(Text(name), justify="left" if number < self.words else "right")
        for row in self.rows:
            table.add_row(*map(Text, row))
        return table

    def markdown(self) -> str:
        """Return the table as GitHub-flavoured Markdown."""
        numbers = len(self.columns) - self.words
        heads = " | ".join(map(_cell, self.columns))
        rule = " | ".join(["---"] * self.words + ["---:"] * numbers)
        body = [" | ".join(map(_cell, row)) for row in self.rows]
        return "\n".join(f"| {line} |" for line in (heads, rule, *body)) + "\n"


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def score_table(results: Results, *, further: bool = False) -> Table:
    """Return accuracy by suite and arm, each with its interval, n and unparsed answers.

    With `further`, that of the arms' further heads (`student:explain`) instead. Arms that were told
    something gold are marked.
    """
    names = [arm for arm in arms(results) if (":" in arm) == further]
    rows = []
    for suite in suites(results):
        scores = [results.scores[arm].get(suite) for arm in names]
        first = next((score for score in scores if score is not None), None)
        if first is None:
            continue
        rows.append((suite, denominator(first.n, first.seeds), *map(_score, scores)))
    unparsed = ", ".join(
        f"{arm} {count(sum(score.unparsed for score in results.scores[arm].values()))}"
        for arm in names
    )
    over = f"means over seeds {_seeds(results)}" if results.seeds else f"seed {results.seed}"
    return Table(
        "accuracy in % [95 % interval]",
        ("suite", "n", *(_arm(results, name) for name in names)),
        tuple(rows),
        f"greedy answers, {over}; unparsed: {unparsed}",
    )


def _arm(results: Results, name: str) -> str:
    """Return the name of an arm; upper bounds say so."""
    marked = name in results.oracles and not name.endswith("oracle")
    return f"{name} (oracle)" if marked else name


def figure_tables(results: Results) -> Iterator[Table]:
    """Yield what else is known of the answers to each suite, a table for figures of a kind.

    A column is a figure (`same_number`), a row a suite and who answered it. Accuracies by steps
    have their number of questions beside them.
    """
    scores = {
        (suite, _arm(results, arm)): results.scores[arm][suite].metrics
        for suite in suites(results)
        for arm in arms(results)
        if suite in results.scores[arm] and results.scores[arm][suite].metrics
    }
    for title, belongs in FIGURES.items():
        names = sorted({name for found in scores.values() for name in found if belongs(name)})
        rows = [
            (suite, arm, *(_figure(found, name) for name in names))
            for (suite, arm), found in scores.items()
            if any(name in found for name in names)
        ]
        if rows:
            heads = (name.removeprefix("accuracy_").removeprefix("wrong_") for name in names)
            columns = ("suite", "who", *(head.replace("_", " ") for head in heads))
            caption = f"means over seeds {_seeds(results)}" if results.seeds else ""
            yield Table(title, columns, tuple(rows), caption, words=2)


def _figure(found: Mapping[str, float], name: str) -> str:
    if name not in found:
        return "–"
    n = found.get(name.replace("accuracy_", "questions_")) if name.startswith("accuracy_") else None
    return f"{100 * found[name]:.1f}" + ("" if n is None else f" of {count(n)}")


def _score(score: SuiteScore | None) -> str:
    if score is None:
        return "–"
    low, high = score.ci95
    return f"{100 * score.accuracy:.1f} [{100 * low:.1f}–{100 * high:.1f}]"


def _seeds(results: Results) -> str:
    return ", ".join(map(str, results.seeds or (results.seed,)))


def difference_table(results: Results) -> Table:
    """Return the paired differences of a run, in points."""
    return _differences(comparisons(results))


def _differences(rows: Sequence[Comparison]) -> Table:
    tests = {
        "mcnemar_exact": "paired bootstrap interval, exact McNemar test",
        "t_over_seeds": "t interval and t test over seeds",
    }
    return Table(
        "difference in points [95 % interval]",
        ("comparison", "suite", "n", "difference", "p"),
        tuple(
            (f"{row.a} − {row.b}", row.suite, _n(row), _difference(row), p_value(row.p_value))
            for row in rows
        ),
        "; ".join(dict.fromkeys(tests[row.test] for row in rows)),
        words=2,
    )


def _n(row: Comparison) -> str:
    return "–" if row.n is None else denominator(row.n, row.seeds)


def _difference(row: Comparison) -> str:
    return f"{points(row.difference)} [{points(row.ci95.low)}, {points(row.ci95.high)}]"


def results_tables(results: Results) -> Iterator[RichTable]:
    """Yield the tables of a run for a terminal; none for a run without scores."""
    if suites(results):
        yield score_table(results).rich()
        if any(":" in arm for arm in arms(results)):
            yield score_table(results, further=True).rich()
        for table in figure_tables(results):
            yield table.rich()
    if results.comparisons:
        yield difference_table(results).rich()


def run_table(comparison: RunComparison) -> Table:
    """Return one column per run: its accuracy on every suite, then what it cost."""
    runs = comparison.runs
    rows = [
        (suite, *(_score_and_n(run.scores.get(suite)) for run in runs))
        for suite in comparison.suites
    ]
    tokens = [run.processed_tokens for run in runs]
    rows += [
        ("method", *(run.method or "–" for run in runs)),
        ("seeds", *(", ".join(map(str, run.seeds)) for run in runs)),
        ("trained tokens", *("–" if n is None else count(n) for n in tokens)),
        ("teacher tokens", *(count(run.teacher_tokens) for run in runs)),
        ("time", *(duration(run.seconds) for run in runs)),
    ]
    return Table(
        f"accuracy of the {comparison.arm} in % [95 % interval], n",
        ("suite", *(run.name for run in runs)),
        tuple(rows),
        "; ".join(comparison.notes),
    )


def _score_and_n(score: SuiteScore | None) -> str:
    return (
        _score(score) if score is None else f"{_score(score)}, {denominator(score.n, score.seeds)}"
    )


def comparison_table(comparison: RunComparison) -> Group:
    """Return the comparison of several runs for a terminal: the runs, then the differences."""
    from rich.console import Group

    return Group(run_table(comparison).rich(), _differences(comparison.comparisons).rich())


def comparison_markdown(comparison: RunComparison) -> str:
    """Return the comparison of several runs as Markdown."""
    tables = (run_table(comparison), _differences(comparison.comparisons))
    return "\n".join(f"### {table.title}\n\n{table.markdown()}" for table in tables)
