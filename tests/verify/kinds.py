"""Tables of texts by kind, with the verdict that each should get.

("numeric", "The answer is 18 eggs.", "18", "correct")
("choice", "It must be (B).", "B", "correct", ("a feather", "an anvil"))
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from cotkd.types import Question
from cotkd.verify import verifier_of

Case = tuple[str, str, str, str] | tuple[str, str, str, str, tuple[str, ...]]
"""Verifier, text, gold answer, verdict, and the options where they matter."""


def named(sets: Mapping[str, Sequence[Case]]) -> list[Any]:
    """Return the cases as parameters of a test, each with the name of its kind."""
    return [
        pytest.param(kind, case, id=f"{kind}-{number}")
        for kind, cases in sets.items()
        for number, case in enumerate(cases)
    ]


def check(case: Case) -> None:
    """Assert that the case gets its verdict."""
    kind, text, gold, want, *rest = case
    choices = rest[0] if rest else None
    question = Question(id="q", text="?", answer=gold, choices=choices)
    verdict = verifier_of(kind).verify_question(text, question)
    assert verdict.status == want, verdict
