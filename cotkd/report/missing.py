"""What a run directory does not hold yet, in words; and what its rows tell without results.json.

missing(run)     ["training of the baseline", "evaluation of the teacher", "results.json"]
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cotkd.evaluation.breakdown import breakdown
from cotkd.evaluation.results import SuiteScore
from cotkd.evaluation.run import score
from cotkd.report.run import Predictions
from cotkd.types import Prediction, Question

if TYPE_CHECKING:
    from cotkd.report.run import Run


def missing(run: Run) -> list[str]:
    """Return the parts that the run's settings speak of and that are not there; empty if whole."""
    config = run.config
    lacking = []
    has_rationales = any(found.rationales for found in run.rounds)
    if run.texts and not has_rationales:
        lacking.append(f"verdicts of the {len(run.texts):,} samples")
    if not ("training" in config and "evaluation" in config) or run.results.seeds:
        return lacking
    arms = ["student", *(["baseline"] if config.get("baseline") else [])]
    trained = {name.partition("/")[0] for found in run.rounds for name in found.curves}
    lacking += _of("training", arms, trained | set(run.results.training))
    evaluation = config["evaluation"]
    if isinstance(evaluation, Mapping) and evaluation.get("teacher", True):
        arms.append("teacher")
    lacking += _of("evaluation", arms, set(run.predictions) | set(run.results.scores))
    if not run.whole:
        lacking.append("results.json")
    return lacking


def _of(stage: str, arms: list[str], present: set[str]) -> list[str]:
    absent = [arm for arm in arms if arm not in present]
    if len(absent) == len(arms):
        return [stage]
    return [f"{stage} of the {arm}" for arm in absent]


def scores_of(
    predictions: Predictions, questions: Mapping[str, Mapping[str, Question]]
) -> dict[str, dict[str, SuiteScore]]:
    """Return the scores that the predictions give, where no results.json holds them."""
    return {
        arm: {suite: score_parts(rows, questions.get(suite, {})) for suite, rows in suites.items()}
        for arm, suites in predictions.items()
    }


def score_parts(rows: list[Prediction], questions: Mapping[str, Question]) -> SuiteScore:
    """Return the score of predictions, and of parts of what was asked."""
    asked = [questions[row.question_id] for row in rows if row.question_id in questions]
    return score(rows, asked).model_copy(update={"by": breakdown(rows, asked)})


def in_order(predictions: Predictions, config: Mapping[str, Any]) -> Predictions:
    """Return predictions with suites as the settings name them: the first is in distribution.

    Suites that they do not name come after them, shorter names first.
    """
    evaluation = config.get("evaluation")
    specs = evaluation.get("suites") if isinstance(evaluation, Mapping) else None
    named = [re.split(r"[:\[]", str(spec))[0] for spec in specs or ()]
    places = {name: place for place, name in reversed(list(enumerate(named)))}

    def place(suite: str) -> tuple[int, int, str]:
        return places.get(re.split(r"[:\[]", suite)[0], len(places)), len(suite), suite

    return {
        arm: {suite: suites[suite] for suite in sorted(suites, key=place)}
        for arm, suites in predictions.items()
    }
