"""Takes a gold solution in the format of GSM8K apart.

    Weng earns 12/60 = $<<12/60=0.2>>0.2 per minute.
    Working 50 minutes, she earned 0.2 x 50 = $<<0.2*50=10>>10.
    #### 10

In the Socratic form each line is `sub-question ** step`.
"""

from __future__ import annotations

from typing import NamedTuple

ANSWER_MARKER = "####"
SUBQUESTION_MARKER = " ** "


class Solution(NamedTuple):
    """The parts of a solution; where there are steps, `rationale` is their texts, one a line."""

    answer: str
    rationale: str | None
    steps: tuple[tuple[str, str], ...] | None


def split_solution(text: str) -> Solution:
    """Return the parts of `text`; without a `####` the whole text is the answer.

    The answer keeps its form (`1,000` stays `1,000`): comparing numbers is the verifier's work.
    """
    reasoning, marker, answer = text.rpartition(ANSWER_MARKER)
    if not marker:
        return Solution(text.strip(), None, None)
    lines = reasoning.strip().split("\n")
    if lines != [""] and all(SUBQUESTION_MARKER in line for line in lines):
        steps = tuple(_step(line) for line in lines)
        return Solution(answer.strip(), "\n".join(step for _, step in steps), steps)
    return Solution(answer.strip(), reasoning.strip() or None, None)


def _step(line: str) -> tuple[str, str]:
    subquestion, _, step = line.partition(SUBQUESTION_MARKER)
    return subquestion.strip(), step
