r"""GSM8K, from the hub or from files in its original format.

    {"question": "Natalia sold clips to 48 of her friends in April, and then …",
     "answer": "Natalia sold 48/2 = <<48/2=24>>24 clips in May.\n…\n#### 72"}

The Socratic release has the same questions in the same order, and a sub-question before each step.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import ClassVar, Literal

from cotkd.errors import DataError
from cotkd.questions.base import QuestionSource
from cotkd.questions.file import Origin, Reader
from cotkd.questions.hub import hub_rows
from cotkd.questions.released import local_copy
from cotkd.questions.subquestions import fault
from cotkd.store.tables import tables_of
from cotkd.types import Question

REPOSITORY = "openai/gsm8k"

log = logging.getLogger(__name__)


class GSM8K(QuestionSource):
    """Grade-school word problems with worked solutions."""

    title: ClassVar[str] = "grade-school word problems with worked solutions"
    source: ClassVar[str] = "Cobbe et al. 2021, arXiv:2110.14168; MIT; train 7473, test 1319"
    splits: ClassVar[tuple[str, ...]] = ("train", "test")
    default_split: ClassVar[str] = "train"

    kind: Literal["gsm8k"] = "gsm8k"
    path: Path | None = None
    """Folder with `train.jsonl` and `test.jsonl`, or one such file; null takes that in
    `COTKD_DATA/gsm8k`, else the hub."""

    def read(self, split: str) -> list[Question]:
        """Return one split; answers keep their form, so that fourteen of `test` hold a comma."""
        return _read(self.kind, self.path, "main", f"{split}.jsonl", split)


class GSM8KSocratic(QuestionSource):
    """The problems of GSM8K with a sub-question before each step."""

    title: ClassVar[str] = "GSM8K with a sub-question before each step"
    source: ClassVar[str] = GSM8K.source
    splits: ClassVar[tuple[str, ...]] = GSM8K.splits
    default_split: ClassVar[str] = GSM8K.default_split

    kind: Literal["gsm8k-socratic"] = "gsm8k-socratic"
    path: Path | None = None
    """Folder with `train_socratic.jsonl` and `test_socratic.jsonl`, or one such file; null takes
    that in `COTKD_DATA/gsm8k`, else the hub."""

    def read(self, split: str) -> list[Question]:
        """Return one split; `steps` holds the (sub-question, step) pairs.

        Raises:
            DataError: no question has any: a file of the other edition, most likely.
        """
        questions = _read(self.kind, self.path, "socratic", f"{split}_socratic.jsonl", split)
        if bad := [question for question in questions if not question.steps]:
            first = f"{bad[0].id}: {fault(bad[0].rationale or '')}"
            if len(bad) == len(questions):
                raise DataError(
                    f"{self.kind}: none of {len(bad)} solutions has a sub-question before every "
                    f"step ({first}): give the Socratic edition, or take the set gsm8k"
                )
            names = ", ".join(question.id for question in bad)
            log.warning("%d solutions do not split (%s): %s", len(bad), first, names)
        return questions


def _read(
    kind: str, path: Path | None, configuration: str, file: str, split: str
) -> list[Question]:
    reader, prefix = Reader(), f"{kind}-{split}"
    path = path or local_copy("gsm8k")
    if path is None:
        rows = enumerate(hub_rows(REPOSITORY, configuration, split), 1)
        place = f"{REPOSITORY}/{configuration}/{split}"
        reader.read(((n, n, row) for n, row in rows), Origin(place, prefix, kind, split))
    for table in () if path is None else tables_of(path / file if path.is_dir() else path):
        reader.read(table.records(), Origin(table.name, prefix, kind, split, table.where))
    return reader.finished()
