"""`cotkd.run`: a recipe by name from Python, with the settings of the command line as keywords."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cotkd.evaluation.results import Results
from cotkd.flags import override
from cotkd.pipeline import RunConfig, run_seeds
from cotkd.recipe import check, find_recipe, resolve


def run(
    recipe: str | Path | RunConfig,
    *,
    out: str | Path | None = None,
    seeds: Sequence[int] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Results:
    """Run a recipe from questions to report and return its results.

    Args:
        recipe: Name of a recipe, path of a YAML file, or ready settings.
        out: Run directory, by default `runs/RECIPE`; one that was begun is continued.
        seeds: Repeat with each seed and pool; None takes the recipe's one seed.
        settings: Settings over the recipe's, dotted or nested: `{"training.learning_rate": 1e-3}`
            or `{"training": {"learning_rate": 1e-3}}`.

    Raises:
        UserError: a setting, a file or a row cannot be used; the message says what to do.
    """
    flags = list(_dotted(settings or {}))
    if isinstance(recipe, RunConfig):
        config = override(recipe, flags)
    else:
        config = resolve(find_recipe(str(recipe)), flags)
    check(config)
    folder = Path(out) if out is not None else Path("runs") / (config.recipe or config.method.kind)
    return run_seeds(config, out=folder, seeds=seeds or [config.seed])


def _dotted(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the settings of nested groups under their dotted names."""
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _dotted(value, f"{prefix}{name}.")
        else:
            yield prefix + name, str(value) if isinstance(value, Path) else value
