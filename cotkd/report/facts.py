"""What a run was made with, as the line under its title.

facts(run)      [("teacher", "microgsm-teacher, 2.36 M parameters"), ("seed", "0"), …]
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cotkd.report.run import Run
from cotkd.report.wording import size


def facts(run: Run) -> list[tuple[str, str]]:
    """Return models, method, seeds, decoding and date."""
    results = run.results
    found = [("run", run.path.resolve().name)] if results.recipe else []
    found += [
        (role, f"{model.name}, {size(model.parameters)}") for role, model in results.models.items()
    ]
    if results.method:
        found.append(("method", results.method))
    found += [(arm, f"{label}, of another run") for arm, label in run.labels.items()]
    if baseline := part(run.config, "baseline").get("kind"):
        found.append(("baseline", str(baseline)))
    found += _sampling(run.config)
    if results.scores:
        limit = part(run.config, "evaluation").get("max_tokens")
        found.append(("answers", f"greedy, at most {limit} tokens" if limit else "greedy"))
    seeds = results.seeds or ((results.seed,) if run.whole and results.recipe else ())
    if seeds:
        found.append(("seeds" if len(seeds) > 1 else "seed", ", ".join(map(str, seeds))))
    if created := run.manifest.get("created"):
        found.append(("made", str(created)[:16].replace("T", " ")))
    return found


def _sampling(config: Mapping[str, Any]) -> list[tuple[str, str]]:
    settings = part(config, "sampling")
    parts = [f"{config['samples']} per question"] if "samples" in config else []
    for name, text in (("temperature", "temperature {}"), ("top_p", "top-p {}")):
        if (value := settings.get(name)) not in (None, 1.0 if name == "top_p" else None):
            parts.append(text.format(plain(value)))
    if limit := settings.get("max_tokens"):
        parts.append(f"at most {limit} tokens")
    return [("samples", ", ".join(parts))] if parts else []


def part(config: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the settings of one part of a run, none where it has no such part."""
    value = config.get(name)
    return value if isinstance(value, Mapping) else {}


def plain(value: Any) -> str:
    """Return a setting as people write it."""
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        return ", ".join(map(plain, value)) or "none"
    return "none" if value is None else str(value)
