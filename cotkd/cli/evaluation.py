"""`cotkd evaluate`: who asks the questions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cotkd.cli.settings import EvaluateSettings
from cotkd.evaluation.results import SuiteScore
from cotkd.harness import FOLDER, measure_by_harness
from cotkd.measurement import Suite, measure_heads
from cotkd.store.run import RunDirectory

if TYPE_CHECKING:
    from cotkd.students.load import Student


def measured(
    student: Student,
    config: EvaluateSettings,
    suites: Mapping[str, Suite],
    directory: RunDirectory,
) -> dict[str, dict[str, SuiteScore]]:
    """Return the scores of a student by head and suite; the harness asks its main head only."""
    if config.engine == "cotkd":
        return measure_heads(
            student, config.method, suites, config.max_tokens, out=directory.evaluation
        )
    scores = measure_by_harness(
        student, config.method, suites, config.max_tokens, out=directory.path
    )
    print(f"tasks of lm-eval and its results are in {directory.path / FOLDER}")
    return {"student": scores}
