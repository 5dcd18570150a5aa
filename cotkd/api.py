"""`cotkd.run`: a recipe by name from Python, with the settings of the command line as keywords."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cotkd.evaluation.results import Results
from cotkd.pipeline import RunConfig, run_seeds
from cotkd.recipe import find_recipe, resolve


def run(
    recipe: str | RunConfig,
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
        settings: Dotted settings over the recipe's, e.g. `{"training.learning_rate": 1e-3}`.

    Raises:
        UserError: a setting, a file or a row cannot be used; the message says what to do.
    """
    flags = [(name, str(value)) for name, value in (settings or {}).items()]
    config = recipe if isinstance(recipe, RunConfig) else resolve(find_recipe(recipe), flags)
    folder = Path(out) if out is not None else Path("runs") / (config.recipe or config.method.kind)
    return run_seeds(config, out=folder, seeds=seeds or [config.seed])
