"""`MODEL_CARD.md`: what a student is, what it was trained on, how good it is and where not."""

from __future__ import annotations

from cotkd.report.run import Run
from cotkd.report.table import difference_table, figure_tables, leak_table, score_table
from cotkd.report.wording import count, findings, section, size, suites


def render_card(run: Run) -> str:
    """Return the model card of a run's student as Markdown."""
    parts = [
        f"# {run.title}: a distilled student",
        " ".join(findings(run.results)),
        _model(run),
        _data(run),
        _training(run),
        _evaluation(run),
        _limits(run),
        _again(run),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _model(run: Run) -> str:
    lines = [
        f"- {role}: `{model.name}` ({size(model.parameters)})"
        for role, model in run.results.models.items()
    ]
    if run.results.method:
        lines.append(f"- method: `{run.results.method}`")
    return section("Model", "\n".join(lines))


def _data(run: Run) -> str:
    data = run.results.data
    if not data.sampled:
        return ""
    dropped = ", ".join(f"{count(n)} {reason}" for reason, n in data.dropped.items())
    text = (
        f"{count(data.sampled)} rationales sampled for {count(data.questions)} questions: "
        f"{count(data.correct)} correct, {count(data.wrong)} wrong, {count(data.unparsed)} without "
        f"a readable answer; {count(data.kept)} kept"
    )
    return section("Training data", f"{text} (dropped: {dropped})." if dropped else f"{text}.")


def _training(run: Run) -> str:
    lines = [
        f"- {arm}: {count(record.processed_tokens)} processed tokens (prompt and target, without "
        f"padding), {count(record.supervised_tokens)} supervised, {record.epochs:.2f} epochs, "
        f"{count(record.steps)} steps"
        for arm, record in run.results.training.items()
    ]
    return section("Training", "\n".join(lines))


def _evaluation(run: Run) -> str:
    table = score_table(run.results)
    text = f"{table.markdown()}\n{table.caption}. Intervals are 95 %."
    for figures in figure_tables(run.results):
        text += f"\n\n{figures.title.capitalize()}:\n\n{figures.markdown().rstrip()}"
    if run.results.comparisons:
        differences = difference_table(run.results)
        text += (
            f"\n\nDifferences in percentage points on the same questions ({differences.caption}):"
            f"\n\n{differences.markdown().rstrip()}"
        )
    if run.results.leaks:
        leaks = leak_table(run.results)
        text += f"\n\n{leaks.title} ({leaks.caption}):\n\n{leaks.markdown().rstrip()}"
    return section("Evaluation", text)


def _limits(run: Run) -> str:
    first = suites(run.results)[0]
    return section(
        "Limits",
        f"Measured on {', '.join(f'`{suite}`' for suite in suites(run.results))} alone; only "
        f"`{first}` is drawn from the distribution that the student was trained on. A right answer "
        "does not prove right reasoning: the written steps may contradict the answer. Not meant "
        "for use without checking what it says.",
    )


def _again(run: Run) -> str:
    version = run.manifest.get("cotkd", "")
    return section(
        "Make it again",
        f"`cotkd run config.yaml` with the `config.yaml` beside this file (cotkd {version}, seed "
        f"{', '.join(map(str, run.results.seeds or (run.results.seed,)))}); versions of all "
        "packages are in `manifest.json`.",
    )
