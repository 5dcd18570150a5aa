r"""Takes a gold solution apart: in the format of GSM8K, or with its answer stated in prose.

    Weng earns 12/60 = $<<12/60=0.2>>0.2 per minute.
    Working 50 minutes, she earned 0.2 x 50 = $<<0.2*50=10>>10.
    #### 10

In the Socratic form each line is `sub-question ** step`. Of "He has 4 * 9 = 36. The answer is: 36"
and "… \boxed{36}" the answer is 36, and the rationale what stands before it. All gold answers of
files and of imported rows come through here, so that what is trained on, exported and compared is
the answer alone.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from cotkd.rationales.gold import gold_answer
from cotkd.rationales.parse import reasoning_of

ANSWER_MARKER = "####"
SUBQUESTION_MARKER = " ** "


class Solution(NamedTuple):
    """The parts of a solution; where there are steps, `rationale` is their texts, one a line."""

    answer: str
    rationale: str | None
    steps: tuple[tuple[str, str], ...] | None


def split_solution(text: str) -> Solution:
    """Return the parts of `text`; where it states no answer, the whole text is one.

    The answer keeps its form (`1,000` stays `1,000`): comparing numbers is the verifier's work.
    """
    reasoning, marker, answer = text.rpartition(ANSWER_MARKER)
    if not marker:
        return _in_prose(text.strip())
    lines = reasoning.strip().split("\n")
    if lines != [""] and all(SUBQUESTION_MARKER in line for line in lines):
        steps = tuple(_step(line) for line in lines)
        return Solution(answer.strip(), "\n".join(step for _, step in steps), steps)
    return Solution(answer.strip(), reasoning.strip() or None, None)


_MARKED = re.compile(r"(?:\\boxed\{|\banswers?\b[^\n]{0,60})\Z", re.IGNORECASE)


def _in_prose(text: str) -> Solution:
    """Return the answer that a text states in words or in a box, and what stands before it.

    A calculation that merely ends in the answer stays whole.
    """
    answer = gold_answer(text)
    if answer == text:
        return Solution(text, None, None)
    at = text.rfind(answer)
    marker = _MARKED.search(text, max(0, at - 80), max(0, at))
    if marker is None:
        return Solution(answer, text, None)
    start = marker.start() if marker[0].startswith("\\") else at
    return Solution(answer, reasoning_of(text, (start, at + len(answer))) or None, None)


def _step(line: str) -> tuple[str, str]:
    subquestion, _, step = line.partition(SUBQUESTION_MARKER)
    return subquestion.strip(), step
