r"""Reading what a decomposer and a solver say: lines of sub-questions, and steps of one line.

subquestions_of(" How many eggs?\nHow many are left?")      ("How many eggs?", "How many are left?")
step_of(" 12-5=7\n --> 7")                                  "12-5=7"
"""

from __future__ import annotations

import re

DELIMITER = "-->"
"""Stands between the last step and the answer."""
_BETWEEN = re.compile(r"\s*\n\s*")


def subquestions_of(reply: str) -> tuple[str, ...]:
    """Return the lines of a decomposition that say something.

    A tokenizer without line breaks leaves one line, which is cut after question marks.
    """
    lines = _BETWEEN.split(reply.strip())
    if len(lines) == 1:
        lines = re.split(r"(?<=\?)\s+", lines[0])
    return tuple(line for line in lines if line)


def step_of(reply: str) -> str:
    """Return a step as the prompts of the next ones hold it: one line, without an answer."""
    return one_line(reply.partition(DELIMITER)[0])


def one_line(reply: str) -> str:
    """Return a reply without line breaks and outer white space."""
    return _BETWEEN.sub(" ", reply.strip())
