"""The cells of the benchmark: which method, student, form of the problems, share of data and seed.

Cell(variant="scott_no_prefix", student="microgsm-student-t5", form="number", fraction=1.0, seed=0)

The plan has the cells that say most first: all methods on all data with one seed, then the forms
with labels, then less data; then the next seed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cotkd.methods.base import Method
from cotkd.settings.recipe import find_recipe, resolve
from cotkd.stages.settings import RunConfig

STUDENTS = ("microgsm-student", "microgsm-student-t5")
FRACTIONS = (0.125, 0.25, 0.5, 1.0)
QUESTIONS = 750
DEV = 100
"""Development questions that choose the checkpoint."""
SCORES = 4
"""Checkpoints to choose from."""

RECIPES: dict[str, str] = {
    "answer_only": "fine_tune_cot",
    "answer_only_all": "fine_tune_cot",
    "fine_tune_cot": "fine_tune_cot",
    "fine_tune_cot_all": "fine_tune_cot",
    "fine_tune_cot_one": "fine_tune_cot",
    "fine_tune_cot_unfiltered": "fine_tune_cot",
    "mt_re": "mt_re",
    "mt_ra": "mt_ra",
    "mt_cot": "mt_cot",
    "step_by_step": "step_by_step",
    "step_by_step_correct": "step_by_step",
    "scott": "scott",
    "scott_no_prefix": "scott",
    "cascod": "cascod",
    "mcc_kd": "mcc_kd",
    "socratic_unified": "socratic",
    "socratic_iterative": "socratic",
    "socratic_shared": "socratic",
}
"""The recipe of every variant."""
SOUND = ({"kind": "correct"}, {"kind": "steps_valid"})
CHANGES: dict[str, dict[str, Any]] = {
    "answer_only": {"kind": "answer_only"},
    "answer_only_all": {"kind": "answer_only", "trained_on": "all"},
    "fine_tune_cot_all": {"trained_on": "all"},
    "fine_tune_cot_one": {"filters": [*SOUND, {"kind": "per_question", "limit": 1}]},
    "fine_tune_cot_unfiltered": {"filters": [{"kind": "distinct"}]},
    "step_by_step_correct": {"filters": [*SOUND]},
    "scott_no_prefix": {"prefix": False},
    "socratic_unified": {"scheme": "unified"},
    "socratic_iterative": {"scheme": "iterative"},
    "socratic_shared": {"scheme": "shared"},
}
"""Settings that a variant has in place of its recipe's."""
MAIN = ("answer_only", "fine_tune_cot", "step_by_step", "mt_cot")
"""Measured on shares of the data, with open numbers."""
LABELLED = (*MAIN, "mt_re", "mt_ra", "step_by_step_correct", "scott", "cascod")
"""Measured on the forms with labels: the methods with a label head, and what they stand beside."""
FORMS = {
    "number": "microgsm",
    "yesno-course": "microgsm-yesno",
    "choice-course": "microgsm-choice",
    "yesno": "microgsm-yesno",
    "choice": "microgsm-choice",
}
"""The set of each form; `…-course` starts from a base that has learnt to compare numbers."""
PLANNED = ("number", "yesno-course", "choice-course")
"""From the embedded bases themselves no method leaves chance on the forms with labels."""
SUITES: dict[str, tuple[str, ...]] = {
    "number": (
        "microgsm[:500]",
        "microgsm-steps[:200]",
        "microgsm-numbers[:200]",
        "microgsm-names[:200]",
        "microgsm-wording[:200]",
        "microgsm-domain[:200]",
        "microgsm-distractor[:200]",
    ),
    **{form: (source,) for form, source in FORMS.items() if form != "number"},
}
"""In distribution first."""


class Cell(NamedTuple):
    """One student of the benchmark."""

    variant: str
    student: str
    form: str
    fraction: float
    seed: int

    @property
    def course(self) -> bool:
        """Whether the base has to take the course first."""
        return self.form.endswith("-course")

    @property
    def key(self) -> str:
        """A name for rows and folders: `mt_cot/microgsm-student/number/1/0`."""
        return "/".join(
            (self.variant, self.student, self.form, f"{self.fraction:g}", str(self.seed))
        )


class Size(NamedTuple):
    """How much is spent on a cell; rows of other sizes are other results."""

    tokens: int = 600_000
    """Processed tokens of a decoder; an encoder-decoder has twice as many, as in the recipes."""
    questions: int = QUESTIONS
    samples: int = 4
    limit: int | None = None
    """Questions of each suite, to try things out; None asks the suites as they are."""


def plan(
    variants: Sequence[str] = tuple(RECIPES),
    students: Sequence[str] = STUDENTS,
    forms: Sequence[str] = PLANNED,
    fractions: Sequence[float] = FRACTIONS,
    seeds: Sequence[int] = (0, 1, 2),
) -> Iterator[Cell]:
    """Yield the cells that are measured, those first that say most."""
    for seed in seeds:
        for fraction in sorted(fractions, reverse=True):
            for form in forms:
                for student in students:
                    for variant in variants:
                        if _measured(variant, form, fraction):
                            yield Cell(variant, student, form, fraction, seed)


def _measured(variant: str, form: str, fraction: float) -> bool:
    if fraction < 1:
        return form == "number" and variant in MAIN
    return form == "number" or variant in LABELLED


def config_of(cell: Cell, size: Size, base: Path | None = None) -> RunConfig:
    """Return the settings of the run that is the cell, of `base` in place of its student's name."""
    recipe = find_recipe(RECIPES[cell.variant])
    two_stacks = cell.student.endswith("t5")
    tokens = size.tokens * (2 if two_stacks else 1)
    batch = 1024
    suites = [_limited(suite, size.limit) for suite in SUITES[cell.form]]
    source = FORMS[cell.form]
    config = resolve(
        recipe,
        [
            ("student.model", str(base or cell.student)),
            ("seed", cell.seed),
            ("samples", size.samples),
            ("questions.name", f"{source}:train"),
            ("questions.limit", max(1, round(cell.fraction * size.questions))),
            ("training.processed_tokens", tokens),
            ("training.batch_tokens", batch),
            ("training.eval_every", max(1, tokens // (batch * SCORES))),
            ("evaluation.suites", json.dumps(suites)),
            ("evaluation.dev", f"{source}:dev[:{min(DEV, size.limit or DEV)}]"),
            ("evaluation.teacher", "false"),
        ],
    )
    method = _changed(config.method, CHANGES.get(cell.variant, {}) | _labels(cell))
    return config.model_copy(
        update={"method": method, "baseline": None, "recipe": f"benchmark:{cell.variant}"}
    )


def _limited(suite: str, limit: int | None) -> str:
    return suite if limit is None else f"{suite.partition('[')[0]}[:{limit}]"


def _changed(method: Method, changes: dict[str, Any]) -> Method:
    if changes.get("kind", method.kind) != method.kind:
        kept = {"elicitation": method.dump()["elicitation"], "filters": method.dump()["filters"]}
        return Method.parse(kept | changes)
    return Method.parse(method.dump() | changes)


def _labels(cell: Cell) -> dict[str, Any]:
    """Return how rationales are got where answers are labels.

    The teacher reasons about such questions as well as about any, and then names the wrong letter
    most of the time: a filter for right labels would keep lucky ones. What decides is whether its
    steps are right and arrive where the gold solution does; targets end in the gold label anyhow.
    """
    if cell.form == "number":
        return {}
    plain = {"kind": "plain"}
    arrives = {"kind": "consistency", "arrives_at": "solution", "uncheckable": "drop"}
    sound = [{"kind": "steps_valid"}, arrives]
    distinct = [{"kind": "distinct"}, {"kind": "per_question", "limit": 4}]
    if cell.variant.startswith("scott"):
        pair = {"kind": "counterfactual_pair", "uncheckable": "keep", "counterfactual_steps": "any"}
        factual = [{"kind": "correct"}, arrives, {"kind": "distinct"}]
        return {"against": "other", "factual_filters": factual, "filters": [pair]}
    if cell.variant == "step_by_step":
        return {"elicitation": plain, "filters": []}
    if cell.variant == "step_by_step_correct":
        return {"elicitation": plain, "filters": sound}
    return {"elicitation": plain, "filters": sound + distinct}
