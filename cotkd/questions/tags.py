"""What the score on a suite is broken down by: how long a solution is, what it computes, and more.

    tags_of(question)     {"steps": "3", "operations": "+*", "perturbation": "numerical variation"}

A source gives tags (`Question.tags`) of which it knows more than the text says. The number of steps
and the operations follow from a gold solution in the form of GSM8K, or from sub-questions.
"""

from __future__ import annotations

import re

from cotkd.store.fingerprint import fingerprint
from cotkd.types import Question

OPERATIONS = "+-*/"
"""The four operations, in the order in which `operations` lists them."""

_ANNOTATION = re.compile(r"<<([^<>=\n]*)=[^<>\n]*>>")
_MINUS = re.compile(r"(?<=[\d)%.])\s*-")
"""A minus between two operands; one before a number is its sign."""


def tags_of(question: Question) -> dict[str, str]:
    """Return the tags of a question, with `steps` and `operations` where they can be derived.

    `steps` counts the solution's computations `<<…>>`, or its sub-questions where none is written
    out. `operations` are the signs in them, each once, in the order `+-*/`. A question without a
    solution has neither, unless its source says so.
    """
    equations = _ANNOTATION.findall(question.rationale or "")
    count = len(equations) or len(question.steps or ())
    derived = {"steps": str(count)} if count else {}
    if signs := operations("\n".join(equations)):
        derived["operations"] = signs
    return derived | question.tags


def seed_cluster(question: str) -> str:
    """Return the name of the cluster of what was made from a question; white space aside."""
    return f"seed-{fingerprint(' '.join(question.split()))}"


def operations(expression: str) -> str:
    """Return the signs that occur in an arithmetic expression, each once: `"+*"`."""
    found = set(expression.replace("÷", "/").replace("×", "*")) & set("+*/")
    if _MINUS.search(expression.replace("−", "-")):
        found.add("-")
    return "".join(sign for sign in OPERATIONS if sign in found)
