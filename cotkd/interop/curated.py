"""What a run directory holds for other trainers: right and wrong rationales, question by question.

    found = read_curated(Path("runs/first"))
    found.groups[0].right, found.groups[0].wrong

A directory that `cotkd filter` wrote is read like one of `cotkd run`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cotkd.errors import DataError
from cotkd.rationales.by_question import by_question
from cotkd.report.run import Stage, read_funnel
from cotkd.stages.curate import read_kept
from cotkd.store.rows import read_rows, read_yaml
from cotkd.types import Question, Rationale


class Group(NamedTuple):
    """A question with the rationales that are exported."""

    question: Question
    right: list[Rationale]
    """Kept by the filters, and right."""
    wrong: list[Rationale]
    """With another final answer, kept or not; none was written to a wrong answer that was given."""


class Curated(NamedTuple):
    """The exported side of a run directory, and what its card says of it."""

    folder: Path
    groups: list[Group]
    left_out: int
    """Rationales that the filters kept although their answer is not right."""
    sampled: int
    stages: tuple[Stage, ...]
    """The filters with what each dropped, by reason."""
    teachers: dict[str, int]
    """Rationales by teacher, of all that were sampled."""
    elicitations: dict[str, int]
    """Rationales by the way of asking, of all that were sampled."""
    config: Mapping[str, Any]

    @property
    def right(self) -> int:
        """Number of rationales that are kept and right."""
        return sum(len(group.right) for group in self.groups)


def read_curated(folder: Path) -> Curated:
    """Read the last round of a run directory.

    Raises:
        DataError: it holds no round, or several seeds, or a damaged file.
    """
    part = _last_round(folder)
    questions, kept = read_kept(part)
    rationales = list(read_rows(part / "rationales.jsonl", Rationale))
    right = {q.id: rows for q, rows in by_question(questions, kept)}
    wrong = {q.id: rows for q, rows in by_question(questions, rationales)}
    groups = [
        Group(
            question,
            [row for row in right.get(question.id, []) if row.verdict.status == "correct"],
            [row for row in wrong.get(question.id, []) if _is_wrong(row)],
        )
        for question in questions.values()
    ]
    found = sum(len(group.right) for group in groups)
    funnel = read_funnel(part / "filter.json")
    return Curated(
        folder=folder,
        groups=groups,
        left_out=sum(map(len, right.values())) - found,
        sampled=len(rationales),
        stages=funnel.stages if funnel else (),
        teachers=dict(Counter(row.teacher for row in rationales)),
        elicitations=dict(Counter(row.elicitation for row in rationales)),
        config=read_yaml(folder / "config.yaml"),
    )


def _last_round(folder: Path) -> Path:
    rounds = sorted(folder.glob("rounds/[0-9]*"))
    if rounds:
        return rounds[-1]
    if seeds := sorted(folder.glob("seed-*")):
        raise DataError(f"{folder} holds a run over several seeds: export one, such as {seeds[0]}")
    raise DataError(f"{folder} holds no rounds: give a directory of `cotkd run` or `cotkd filter`")


def _is_wrong(row: Rationale) -> bool:
    return row.verdict.status == "wrong" and row.answer is not None and bool(row.text.strip())
