"""lm-evaluation-harness as a reference: its own filters and metric, from its own task file."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml


def require_lm_eval() -> None:
    """Skip where it is not installed; where COTKD_REQUIRE names lm_eval, fail instead."""
    if importlib.util.find_spec("lm_eval") is None:
        reason = "lm_eval is not installed: pip install cotkd[lm-eval]"
        if "lm_eval" in os.environ.get("COTKD_REQUIRE", "").split(","):
            pytest.fail(f"{reason} (COTKD_REQUIRE asks for it)")
        pytest.skip(reason)


def harness_scores(rule: str, texts: Sequence[str], solutions: Sequence[str]) -> list[bool]:
    """Return what the harness makes of each text and its gold solution under a filter of gsm8k."""
    from lm_eval.api.metrics import exact_match_hf_evaluate
    from lm_eval.api.registry import get_filter

    task = gsm8k_task()
    (steps,) = [each["filter"] for each in task["filter_list"] if each["name"] == rule]
    found: Any = [[text] for text in texts]
    for step in steps:
        arguments = {key: value for key, value in step.items() if key != "function"}
        found = get_filter(step["function"])(**arguments).apply(found, [{}] * len(texts))
    (metric,) = task["metric_list"]
    options = {
        name: metric[name] for name in ("ignore_case", "ignore_punctuation", "regexes_to_ignore")
    }
    return [
        exact_match_hf_evaluate(predictions=[text], references=[gold], **options)["exact_match"]
        == 1
        for text, gold in zip(found, solutions, strict=True)
    ]


@cache
def gsm8k_task() -> dict[str, Any]:
    """Return the settings of the harness's own task."""
    import lm_eval.filters  # registers them

    folder = Path(lm_eval.filters.__file__).parents[1]
    text = (folder / "tasks" / "gsm8k" / "gsm8k.yaml").read_text(encoding="utf-8")
    task: dict[str, Any] = yaml.safe_load(text)
    return task
