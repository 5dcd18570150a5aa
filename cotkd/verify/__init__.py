r"""Verdicts on model text: correct, wrong, or unparsed; and checks of its single steps.

    >>> from cotkd.verify import verify
    >>> verify("She has 3 * 4 = 12 eggs.\n#### 12", "12").status
    'correct'
    >>> verify("I do not know what she has.", "12").status
    'unparsed'

A verdict has three values, and two failures to parse are never equal.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import lru_cache
from types import ModuleType
from typing import Any

from cotkd.types import Verdict
from cotkd.verify.agreement import Vote, majority, majority_verdict
from cotkd.verify.base import Verifier
from cotkd.verify.numeric import Numeric
from cotkd.verify.steps import StepCheck, verify_steps
from cotkd.verify.written import StepStatus

__all__ = [
    "Numeric",
    "StepCheck",
    "StepStatus",
    "Verifier",
    "Vote",
    "majority",
    "majority_verdict",
    "verifier_of",
    "verify",
    "verify_steps",
]


def verify(
    text: str | None,
    gold: str | float,
    verifier: str | Mapping[str, Any] | Verifier = "numeric",
) -> Verdict:
    """Compare the final answer of `text` with `gold`.

    Args:
        text: What a model wrote; may be anything at all. None is a missing text: unparsed.
        gold: The expected answer: a bare value, or a whole solution that ends in one.
        verifier: Name of a verifier, its settings, or the verifier itself.

    Raises:
        SettingError: No verifier has that name or takes those settings.
    """
    return verifier_of(verifier).verify("" if text is None else str(text), str(gold))


def verifier_of(verifier: str | Mapping[str, Any] | Verifier) -> Verifier:
    """Return the verifier that a name or settings stand for."""
    if isinstance(verifier, Verifier):
        return verifier
    return _named(verifier) if isinstance(verifier, str) else Verifier.parse(verifier)


@lru_cache(maxsize=64)
def _named(kind: str) -> Verifier:
    return Verifier.parse({"kind": kind})


class _Callable(ModuleType):
    """Lets `cotkd.verify(text, gold)` work even where `cotkd.verify` is found as this package."""

    def __call__(self, *args: Any, **kwargs: Any) -> Verdict:
        return verify(*args, **kwargs)


sys.modules[__name__].__class__ = _Callable
