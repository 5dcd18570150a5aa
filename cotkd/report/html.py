"""The report: one HTML file that needs no network and no server.

Everything is inlined: style, script, and the browser's rows as base64 of gzipped JSON, unpacked by
the page itself. Text of models is data in all of it: the templates escape it, the script sets it as
text, and a content security policy lets no script run but our own.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from cotkd.evaluation.results import Comparison
from cotkd.report import figures, wording
from cotkd.report.browse import embed
from cotkd.report.load import Run, count
from cotkd.report.table import figure_tables
from cotkd.store.settings import flat

_ENVIRONMENT = Environment(
    loader=PackageLoader("cotkd.report"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(run: Run) -> str:
    """Return the report as HTML."""
    script = _asset("report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return _ENVIRONMENT.get_template("report.html.jinja").render(
        _context(run),
        style=Markup(_asset("report.css")),
        script=Markup(script),
        script_hash=digest,
        packed=embed(run),
    )


def _asset(name: str) -> str:
    return (Path(__file__).parent / "templates" / name).read_text(encoding="utf-8")


def _context(run: Run) -> dict[str, Any]:
    results = run.results
    last = run.rounds[-1] if run.rounds else None
    data = count(last) if last and results.seeds else results.data
    axis = figures.difference_axis(results.comparisons)
    return {
        "data": data,
        "run": run,
        "results": results,
        "words": wording,
        "arms": wording.arms(results),
        "findings": wording.findings(results),
        "facts": _facts(run),
        "shares": figures.SHARES,
        "suite_groups": figures.suite_groups(results),
        "sample_groups": figures.sample_groups(data, last),
        "axis": axis,
        "figure_tables": list(figure_tables(results)),
        "comparisons": [
            (title, [(row, figures.difference_point(row, axis)) for row in rows])
            for title, rows in _by_pair(wording.comparisons(results)).items()
        ],
        "funnel": figures.funnel_bars(last.funnel if last else None, data),
        "curves": figures.loss_curves(last.curves) if last else None,
        "settings": [(name, _plain(value)) for name, value in flat(run.config).items()],
        "has_rows": bool(run.predictions or (last and last.rationales)),
    }


def _by_pair(rows: Iterable[Comparison]) -> dict[str, list[Comparison]]:
    pairs: dict[str, list[Comparison]] = {}
    for row in rows:
        pairs.setdefault(f"{row.a} − {row.b}", []).append(row)
    return pairs


def _plain(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "none" if value is None else str(value)


def _facts(run: Run) -> list[tuple[str, str]]:
    """Return the line of facts under the title: models, seeds, date."""
    results = run.results
    facts = [("run", run.path.resolve().name)] if results.recipe else []
    facts += [
        (role, f"{model.name}, {wording.size(model.parameters)}")
        for role, model in results.models.items()
    ]
    if results.method:
        facts.append(("method", results.method))
    if results.recipe:
        seeds = results.seeds or (results.seed,)
        facts.append(("seeds" if len(seeds) > 1 else "seed", ", ".join(map(str, seeds))))
    if created := run.manifest.get("created"):
        facts.append(("made", str(created)[:16].replace("T", " ")))
    return facts
