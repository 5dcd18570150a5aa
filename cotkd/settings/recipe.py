"""Recipes: a method with its models and numbers pinned, as one YAML file.

A recipe may have a section `encoder_decoder`: dotted settings that replace others when the student
is an encoder–decoder, because such a student needs another learning rate and budget. What is saved
with a run is the resolved settings, without that section.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from cotkd.config import unknown
from cotkd.decoding.checkpoints import EMBEDDED, locate_model
from cotkd.errors import SettingError, UserError
from cotkd.measuring.probes import check_probes
from cotkd.measuring.suites import check_files, load_suites, verifier_for
from cotkd.questions.load import load_questions
from cotkd.settings.flags import full_name, override
from cotkd.stages.settings import RunConfig
from cotkd.types import Architecture
from cotkd.verify.golds import by_id, warn_of_unread

log = logging.getLogger(__name__)

SECTION = "encoder_decoder"


class Recipe(NamedTuple):
    """A recipe as read: its settings, and those for encoder–decoder students."""

    name: str
    values: dict[str, Any]
    encoder_decoder: dict[str, Any]
    summary: str


def recipes() -> Iterator[Recipe]:
    """Yield every recipe of the package, by name."""
    folder = Path(str(files("cotkd") / "recipes"))
    for path in sorted(folder.glob("*.yaml")):
        yield read_recipe(path)


def find_recipe(name: str) -> Recipe:
    """Return the recipe called `name`, or the one in the YAML file `name`."""
    if name.endswith((".yaml", ".yml")):
        path = Path(name)
        if not path.is_file():
            raise SettingError(f"recipe file {name} does not exist")
        return read_recipe(path)
    known = {recipe.name: recipe for recipe in recipes()}
    wanted = name.replace("-", "_")
    if wanted not in known:
        raise SettingError(unknown("recipe", name, known))
    return known[wanted]


def read_recipe(path: Path) -> Recipe:
    """Read a recipe file; the first comment line is its summary."""
    try:
        text = path.read_text(encoding="utf-8")
        values = yaml.safe_load(text) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingError(f"{path}: not a readable YAML file ({_fault(error)})") from None
    if not isinstance(values, dict):
        raise SettingError(f"{path}: expected `key: value` lines, found {type(values).__name__}")
    special = values.pop(SECTION, None) or {}
    if not isinstance(special, dict):
        raise SettingError(f"{path}: {SECTION} must hold `dotted.setting: value` lines")
    first = text.lstrip().splitlines()[0] if text.strip() else ""
    summary = first.lstrip("# ").strip() if first.startswith("#") else ""
    name = values.get("recipe") or path.stem
    return Recipe(name, {**values, "recipe": name}, special, summary)


def _fault(error: Exception) -> str:
    """Return what is wrong with a file, in one line and with the line where that is known."""
    mark = getattr(error, "problem_mark", None)
    said = str(getattr(error, "problem", None) or error).split("\n")[0]
    return f"line {mark.line + 1}: {said}" if mark else said


def recipe_names() -> list[str]:
    """Return the names of all recipes."""
    return [recipe.name for recipe in recipes()]


def resolve(recipe: Recipe, flags: Sequence[tuple[str, Any]] = ()) -> RunConfig:
    """Return the settings of a run: class defaults < recipe < encoder–decoder section < flags."""
    config = RunConfig.parse(recipe.values)
    model = override(config, [f for f in flags if f[0] == "student.model"]).student.model
    if recipe.encoder_decoder and architecture_of(model) == "encoder-decoder":
        config = override(config, _as_flags(recipe.encoder_decoder))
    changed = override(config, flags)
    named = [full_name(name, RunConfig).replace("-", "_") for name, _ in flags]
    _say_what_is_left(recipe, changed.dump(), named)
    return changed


def _say_what_is_left(recipe: Recipe, values: dict[str, Any], flags: Sequence[str]) -> None:
    """Log what a recipe says of a group whose kind a flag has replaced: it goes with the kind."""
    for group, said in recipe.values.items():
        if f"{group}.kind" not in flags or not isinstance(said, dict):
            continue
        kind = values[group]["kind"]
        left = [
            name
            for name in said
            if name in values[group].keys() - {"kind"}
            and not any(flag.startswith(f"{group}.{name}") for flag in flags)
        ]
        if left and kind != said.get("kind"):
            log.warning(
                f"--{group}.kind {kind}: {group}.{f', {group}.'.join(left)} as {kind} has them by "
                f"default; what recipe {recipe.name} says there is for {said.get('kind')}"
            )


def check(config: RunConfig, *, strict: bool = False) -> None:
    """Find everything that a run names before its first hour is spent, and before `out` is made.

    Gold answers that no verifier of theirs can read are named, or refused where `strict`.

    Raises:
        UserError: the questions, a suite, the development questions or the student cannot be used.
    """
    from cotkd.students.load import check_base

    asked = load_questions(config.questions)
    measured = config.evaluation
    dev = [] if measured.dev is None else [measured.dev]
    check_files([*measured.suites, *dev], measured)
    suites = load_suites(measured.suites, measured)
    verifier = config.verifier or verifier_for(config.questions)
    warn_of_unread(
        by_id(asked), verifier, f"questions {', '.join(config.questions.names)}", strict=strict
    )
    for name, suite in {**suites, **load_suites(dev, measured)}.items():
        warn_of_unread(by_id(suite.questions), suite.verifier, f"suite {name}", strict=strict)
    check_probes(config.evaluation, filter(None, [config.method, config.baseline]), suites)
    check_base(config.student.model)


def architecture_of(model: str) -> Architecture | None:
    """Return the architecture of a model without downloading it; None where it is unknown.

    A folder or embedded model states it in `config.json`; a hub name is judged by its family.
    """
    if model not in EMBEDDED and not Path(model).is_dir():
        family = re.search(r"t5|bart|ul2|pegasus", model.lower())
        return "encoder-decoder" if family else None
    try:
        config = json.loads((Path(locate_model(model)) / "config.json").read_bytes())
    except (OSError, ValueError, UserError):
        return None
    return "encoder-decoder" if config.get("is_encoder_decoder") else "decoder"


def _as_flags(settings: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (name, json.dumps(value) if isinstance(value, list | dict) else str(value))
        for name, value in settings.items()
    ]
