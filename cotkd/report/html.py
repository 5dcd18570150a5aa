"""The report: one HTML file that needs no network and no server.

Everything is inlined: style, script, and the browser's rows as base64 of gzipped JSON, unpacked by
the page itself. Text of models is data in all of it: the templates escape it, the script sets it as
text, and a content security policy lets no script run but our own, and lets nothing be fetched.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from cotkd.report import figures, wording
from cotkd.report.browse import embed
from cotkd.report.curves import panels
from cotkd.report.facts import facts, plain
from cotkd.report.faithfulness import faithful_arms, faithful_axis, faithful_groups
from cotkd.report.further import further_figures, part_groups
from cotkd.report.headline import headline, headline_arms
from cotkd.report.links import Links
from cotkd.report.load import count
from cotkd.report.missing import missing
from cotkd.report.run import Run
from cotkd.report.table import figure_tables
from cotkd.store.settings import flat

ENVIRONMENT = Environment(
    loader=PackageLoader("cotkd.report"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


_STYLES = ("base", "figures", "browse", "print")
_SCRIPTS = ("page", "rows", "diff", "list", "text", "item", "browser")
"""In this order: what is at the top level of one is known to the next."""


def render(run: Run) -> str:
    """Return the report as HTML."""
    early = _asset("js/theme.js")
    script = "\n".join(_asset(f"js/{name}.js") for name in _SCRIPTS)
    context = _context(run)
    return ENVIRONMENT.get_template("report.html.jinja").render(
        context,
        style=Markup("\n".join(_asset(f"css/{name}.css") for name in _STYLES)),
        early=Markup(early),
        script=Markup(script),
        script_hashes=[_digest(early), _digest(script)],
        packed=embed(run) if context["has_rows"] else "",
    )


def _asset(name: str) -> str:
    return (Path(__file__).parent / "templates" / name).read_text(encoding="utf-8")


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _context(run: Run) -> dict[str, Any]:
    results = run.results
    last = run.rounds[-1] if run.rounds else None
    data = count(last) if last and results.seeds else results.data
    return {
        "data": data,
        "run": run,
        "results": results,
        "words": wording,
        "links": Links(run),
        "arms": wording.arms(results),
        "findings": wording.findings(results),
        "facts": facts(run),
        "missing": missing(run),
        "shares": figures.SHARES,
        "headline": headline(results),
        "headline_arms": headline_arms(results),
        "clustered": _clustered(run),
        "suite_groups": figures.suite_groups(results),
        "parts": part_groups(results),
        "faithful": faithful_groups(results),
        "faithful_arms": faithful_arms(results),
        "faithful_axis": faithful_axis(results),
        "further": further_figures(results),
        "sample_groups": figures.sample_groups(data, last),
        "figure_tables": list(figure_tables(results)),
        "funnel": figures.funnel_bars(last.funnel if last else None, data),
        "panels": panels(last.curves) if last else [],
        "settings": [(name, plain(value)) for name, value in flat(run.config).items()],
        "has_rows": bool(run.predictions or any(found.rationales for found in run.rounds)),
        "rows": _rows(run),
        **_differences(run),
    }


def _clustered(run: Run) -> list[str]:
    """Return the suites whose questions are of clusters, such as templates."""
    asked = {name: questions.values() for name, questions in run.suites.items()}
    return [name for name, own in asked.items() if any(one.cluster is not None for one in own)]


def _rows(run: Run) -> int:
    """Return how many answers can be browsed."""
    sampled = sum(len(found.rationales) for found in run.rounds)
    return sampled + sum(len(rows) for arm in run.predictions.values() for rows in arm.values())


def _differences(run: Run) -> dict[str, Any]:
    """Return the comparisons by pair of arms, each with its point on a common axis."""
    rows = wording.comparisons(run.results)
    axis = figures.difference_axis(rows)
    pairs: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        pairs.setdefault((row.a, row.b), []).append((row, figures.difference_point(row, axis)))
    return {
        "axis": axis,
        "comparisons": list(pairs.items()),
        "corrected": any(row.p_holm is not None for row in rows),
        "detectable": any(row.detectable is not None for row in rows),
        "tests": wording.tests(rows),
    }
