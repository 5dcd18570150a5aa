"""Objectives: what a training minimises, on which tokens, with which weight.

A loss is a weighted sum of objectives over the same passes. An objective names its unit, the roles
of the examples it reads, and where in them it reads; the formulas themselves are in `cotkd.losses`.
"""

from __future__ import annotations

from collections.abc import Sequence

from cotkd.formats.tokenize import TokenizedExample
from cotkd.objectives.agreement import Agreement
from cotkd.objectives.base import Objective, Term
from cotkd.objectives.cross_entropy import CrossEntropy

__all__ = ["Agreement", "CrossEntropy", "Objective", "Term", "usual"]


def usual(examples: Sequence[TokenizedExample]) -> tuple[Objective, ...]:
    """Return what is minimised where nothing else is said: the loss of the tokens, and agreement.

    Agreement is for examples that name a range of it, as those of MCC-KD do.
    """
    compared = any(example.agreement for example in examples)
    return (CrossEntropy(), Agreement()) if compared else (CrossEntropy(),)
