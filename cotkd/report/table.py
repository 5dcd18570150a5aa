"""Tables of results: for the terminal (rich) and for Markdown, from the same cells.

    suite            n            student           baseline            teacher
    microgsm       500   56.0 [51.6–60.3]   26.0 [22.3–30.0]   81.7 [78.1–84.8]

The tables of a run fit a terminal of 80 columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from cotkd.evaluation.results import Comparison, Results
from cotkd.report.wording import (
    arms,
    comparisons,
    count,
    denominator,
    difference_cell,
    p_value,
    share_cell,
    suites,
    tests,
)

if TYPE_CHECKING:
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
    plain = text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
    return plain.replace("\n", "<br>")


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
        rows.append((suite, denominator(first.n, first.seeds), *map(share_cell, scores)))
    unparsed = ", ".join(
        f"{arm} {count(sum(score.unparsed for score in results.scores[arm].values()))}"
        for arm in names
    )
    notes = [f"unparsed: {unparsed}", *_lengths(results, names)]
    over = f"means over seeds {_seeds(results)}" if results.seeds else f"seed {results.seed}"
    return Table(
        "accuracy in % [95 % interval]",
        ("suite", "n", *(_arm(results, name) for name in names)),
        tuple(rows),
        f"greedy answers, {over}; {'; '.join(notes)}",
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


def _lengths(results: Results, names: Sequence[str]) -> Iterator[str]:
    """Yield how many answers were cut off, and their mean length, where that was recorded."""
    cut, tokens = [], []
    for arm in names:
        scores = list(results.scores[arm].values())
        known = [score.truncated for score in scores if score.truncated is not None]
        if len(known) == len(scores):
            cut.append(f"{arm} {count(sum(known))}")
        if all("tokens_per_answer" in score.metrics for score in scores):
            total = sum(score.metrics["tokens_per_answer"] * score.n for score in scores)
            tokens.append(f"{arm} {total / sum(score.n for score in scores):.1f}")
    if cut:
        yield f"cut off: {', '.join(cut)}"
    if tokens:
        yield f"tokens per answer: {', '.join(tokens)}"


def _seeds(results: Results) -> str:
    return ", ".join(map(str, results.seeds or (results.seed,)))


def difference_table(results: Results) -> Table:
    """Return the paired differences of a run, in points."""
    rows = comparisons(results)
    corrected = (
        ["p corrected over suites (Holm)"] if any(row.p_holm is not None for row in rows) else []
    )
    return Table(
        "difference in points [95 % interval]",
        ("comparison", "suite", "n", "difference", "p"),
        tuple(
            (f"{row.a} − {row.b}", row.suite, _n(row), difference_cell(row), _p(row))
            for row in rows
        ),
        "; ".join([*filter(None, [tests(rows)]), *corrected]),
        words=2,
    )


def _p(row: Comparison) -> str:
    return p_value(row.p_value if row.p_holm is None else row.p_holm)


def _n(row: Comparison) -> str:
    return "–" if row.n is None else denominator(row.n, row.seeds)


def leak_table(results: Results) -> Table:
    """Return how many questions of each suite stand in training examples."""
    leaks = results.leaks or {}
    rows = tuple(
        (suite, count(leak.n), f"{count(leak.overlap)} ({leak.share:.1%})", count(leak.exact))
        for suite, leak in leaks.items()
    )
    span = max((leak.words for leak in leaks.values()), default=0)
    return Table(
        "Questions that stand in training examples",
        ("suite", "n", f"{span} words in a row", "as a whole"),
        rows,
        caption="reworded questions and changed numbers are not found",
    )


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
    if any(leak.overlap for leak in (results.leaks or {}).values()):
        yield leak_table(results).rich()
