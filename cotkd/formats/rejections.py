"""A count of the rationales that no format can write into a target."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from cotkd.formats.base import Format
from cotkd.types import Example, Rationale


def rejections(
    formats: Iterable[Format], rationales: Iterable[Rationale], examples: Iterable[Example]
) -> dict[str, int]:
    """Return how many rationales are in no example since no format can write them, per reason.

    Those that a method leaves out for reasons of its own are not among them.

        {"holds the delimiter": 2, "empty rationale": 1}
    """
    formats = list(formats)
    used = {(row.question_id, row.stream, row.sample_index) for row in examples}
    found: Counter[str] = Counter()
    for rationale in rationales:
        if rationale.key not in used:
            reasons = (format.rejects(rationale) for format in formats)
            found.update([reason for reason in reasons if reason is not None][:1])
    return dict(found)
