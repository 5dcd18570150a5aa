"""The options of a multiple-choice question, as they stand in its text.

with_options("What floats?", ("an anvil", "a cork"))
"What floats? Answer Choices: (A) an anvil (B) a cork"
"""

from __future__ import annotations

from collections.abc import Sequence

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def with_options(question: str, choices: Sequence[str]) -> str:
    """Return the question followed by its options as (A), (B) and so on."""
    listed = " ".join(
        f"({letter}) {choice}" for letter, choice in zip(LETTERS, choices, strict=False)
    )
    return f"{question.strip()} Answer Choices: {listed}"
