"""Chain-of-thought distillation: from questions to a small model that reasons.

    import cotkd

    results = cotkd.run("fine_tune_cot", out="runs/first")
    results.scores["student"]["microgsm"].accuracy

    cotkd.verify("She has 3 * 4 = 12 eggs.\\n#### 12", "12").status      # 'correct'

Importing this package imports neither torch nor transformers.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from cotkd.types import (
    Completion,
    Example,
    Key,
    Prediction,
    Question,
    Rationale,
    Verdict,
)
from cotkd.version import VERSION as __version__

if TYPE_CHECKING:
    from cotkd.api import evaluate, run
    from cotkd.evaluation.runs import compare_runs as compare
    from cotkd.filters.select import select
    from cotkd.questions.load import load_questions
    from cotkd.rationales.extract import extract_answer
    from cotkd.students.load import load_student
    from cotkd.teachers.base import load_teacher
    from cotkd.teachers.sample import sample
    from cotkd.training.trainer import train
    from cotkd.verify import verify, verify_steps

__all__ = [
    "Completion",
    "Example",
    "Key",
    "Prediction",
    "Question",
    "Rationale",
    "Verdict",
    "__version__",
    "compare",
    "evaluate",
    "extract_answer",
    "load_questions",
    "load_student",
    "load_teacher",
    "run",
    "sample",
    "select",
    "train",
    "verify",
    "verify_steps",
]

_HOMES = {
    "compare": ("cotkd.evaluation.runs", "compare_runs"),
    "evaluate": ("cotkd.api", "evaluate"),
    "extract_answer": ("cotkd.rationales.extract", "extract_answer"),
    "load_questions": ("cotkd.questions.load", "load_questions"),
    "load_student": ("cotkd.students.load", "load_student"),
    "load_teacher": ("cotkd.teachers.base", "load_teacher"),
    "run": ("cotkd.api", "run"),
    "sample": ("cotkd.teachers.sample", "sample"),
    "select": ("cotkd.filters.select", "select"),
    "train": ("cotkd.training.trainer", "train"),
    "verify": ("cotkd.verify", "verify"),
    "verify_steps": ("cotkd.verify", "verify_steps"),
}
"""Where each public function lives; it is imported when it is first used."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'cotkd' has no attribute {name!r}")
    module, attribute = _HOMES[name]
    value = getattr(importlib.import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
