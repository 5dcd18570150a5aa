"""What Python users call first: a recipe by name, a student's accuracy by suite.

cotkd.run("fine_tune_cot", out="runs/first", settings={"samples": 2})
cotkd.evaluate("runs/first/rounds/000/student", "microgsm,microgsm-steps")
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cotkd.errors import SettingError
from cotkd.evaluation.leak import training_data
from cotkd.evaluation.results import Results, SuiteScore
from cotkd.measuring.scores import measure_head
from cotkd.measuring.settings import SuiteSettings
from cotkd.measuring.suites import check_files, leaks_of, load_suites
from cotkd.methods.base import Method
from cotkd.pipeline import run_seeds
from cotkd.settings.flags import override
from cotkd.settings.recipe import check, find_recipe, resolve
from cotkd.stages.settings import RunConfig
from cotkd.store.settings import flat

if TYPE_CHECKING:
    from cotkd.students.student import Student

log = logging.getLogger(__name__)


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
    flags = [
        (name, str(value) if isinstance(value, Path) else value)
        for name, value in flat(settings or {}).items()
        if value != {}
    ]
    if isinstance(recipe, RunConfig):
        config = override(recipe, flags)
    else:
        config = resolve(find_recipe(str(recipe)), flags)
    check(config)
    folder = Path(out) if out is not None else Path("runs") / (config.recipe or config.method.kind)
    return run_seeds(config, out=folder, seeds=seeds or [config.seed])


def evaluate(
    student: str | Path | Student,
    suites: str | Sequence[str] = "microgsm",
    *,
    method: str | Method = "fine_tune_cot",
    head: str | None = None,
    max_tokens: int = 256,
    out: str | Path | None = None,
    **files: Any,
) -> dict[str, SuiteScore]:
    """Return the greedy accuracy of a student on each suite, with 95 % intervals.

    Intervals are Wilson's; of suites made from templates they resample whole templates. Of a
    student in a folder, suites are first looked for in its training examples; what is found
    there is logged.

    Args:
        student: A loaded student, or the name or folder of one.
        suites: Suite ids, names of groups, or files; `"microgsm,microgsm-steps[:200]"` names two.
        method: What the student was trained with: decides how it is asked and read.
        head: What the student is asked for, e.g. `explain`; None takes the method's main head.
        max_tokens: Most tokens per answer.
        out: Folder for the predictions; a suite that is there already is not asked again.
        **files: How files among the suites are read and judged, fields of `SuiteSettings`:
            `verifier="boolean"`, `question_field="problem"`.

    Raises:
        UserError: there is no such student, suite, method or head.
    """
    from cotkd.students.load import load_student
    from cotkd.students.student import Student

    chosen = method if isinstance(method, Method) else Method.parse({"kind": method})
    name = next(iter(chosen.heads)) if head is None else head
    if name not in chosen.heads:
        known = ", ".join(chosen.heads)
        raise SettingError(f"method {chosen.kind} has no head {name!r}: choose of {known}")
    specs = suites.split(",") if isinstance(suites, str) else suites
    how = SuiteSettings.parse(files)
    check_files(specs, how)
    chosen_suites = load_suites(specs, how)
    one = student if isinstance(student, Student) else load_student(student)
    if not isinstance(student, Student):
        _, said = leaks_of(chosen_suites, training_data(student), student=str(student))
        for line in said:
            log.warning(line)
    folder = Path(out) if out is not None else None
    return measure_head(one, chosen.heads[name], chosen_suites, max_tokens, out=folder)
