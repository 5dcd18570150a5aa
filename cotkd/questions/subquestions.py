r"""Sub-questions and their steps as text, one pair on each line, and back.

    How many eggs are there? ** 3*4=<<3*4=12>>12
    How many are left? ** 12-5=<<12-5=7>>7

    parse_pairs(text)      (("How many eggs are there?", "3*4=<<3*4=12>>12"), …)
    write_pairs(pairs)     the text, character by character

The format is that of GSM8K's Socratic edition. A sub-question ends at the first ` ** ` of its line;
a step may be empty there (`gsm8k-test-01043` has such a line), which `unusable` tells.
"""

from __future__ import annotations

from collections.abc import Sequence

from cotkd.errors import DataError
from cotkd.questions.solution import SUBQUESTION_MARKER

Pairs = tuple[tuple[str, str], ...]
"""(sub-question, step) pairs in order."""


def parse_pairs(text: str, *, where: str = "solution") -> Pairs:
    """Return the pairs of `text`.

    Raises:
        DataError: a line does not split; the message begins with `where`, e.g. the question's id.
    """
    if (reason := fault(text)) is not None:
        raise DataError(f"{where}: {reason}")
    return tuple(_split(line) for line in text.split("\n"))


def write_pairs(pairs: Sequence[tuple[str, str]], *, where: str = "solution") -> str:
    """Return the text that `parse_pairs` reads as exactly these pairs.

    Raises:
        DataError: there is no such text: a part holds a line break, or a sub-question the marker
            or nothing.
    """
    text = "\n".join(SUBQUESTION_MARKER.join(pair) for pair in pairs)
    if fault(text) is not None or parse_pairs(text) != tuple(map(tuple, pairs)):
        raise DataError(
            f"{where}: its {len(pairs)} sub-questions and steps cannot be written one pair a line "
            f"({shown(text)}): take out line breaks, empty questions and {SUBQUESTION_MARKER!r}"
        )
    return text


def fault(text: str) -> str | None:
    """Return which line does not split into a sub-question and a step; None if all do."""
    for number, line in enumerate(text.split("\n"), 1):
        subquestion, marker, _ = line.partition(SUBQUESTION_MARKER)
        if not marker or not subquestion.strip():
            return f"no sub-question in line {number}: {shown(line)}"
    return None


def unusable(text: str) -> str | None:
    """Return why nothing can be learned from the pairs of `text`; None where something can."""
    if (reason := fault(text)) is not None:
        return reason
    empty = [number for number, (_, step) in enumerate(parse_pairs(text), 1) if not step.strip()]
    return f"empty step in line {empty[0]}" if empty else None


def shown(text: str) -> str:
    """Return the beginning of `text` for a message."""
    return repr(text if len(text) <= 60 else text[:57] + "…")


def _split(line: str) -> tuple[str, str]:
    subquestion, _, step = line.partition(SUBQUESTION_MARKER)
    return subquestion, step
