r"""BIG-Bench Hard: 27 tasks, each with the verifier that its answers ask for.

    {"input": "Which sentence has the correct adjective order:\nOptions:\n(A) …\n(B) …",
     "target": "(A)"}

`bbh` is all 6511 questions, with the task as a tag; `bbh:navigate` is one task, and the group
`bbh-tasks` is each task as a suite of its own, whose plain mean is what papers report. All of it is
`test`. The few-shot prompts of the release are no questions and not part of the set. In three
questions the release splits an option at its commas; there the gold answer is compared as words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Literal

from cotkd.errors import DataError
from cotkd.questions.fields import BadRow, answer_of, text_of
from cotkd.questions.hub import hub_rows
from cotkd.questions.options import LETTERS
from cotkd.questions.released import Hub, Numbered, Released, Row, local_copy
from cotkd.store.rows import read_json

TASKS = {
    "boolean-expressions": "boolean",
    "causal-judgement": "boolean",
    "date-understanding": "choice",
    "disambiguation-qa": "choice",
    "dyck-languages": "text",
    "formal-fallacies": "text",
    "geometric-shapes": "choice",
    "hyperbaton": "choice",
    "logical-deduction-five-objects": "choice",
    "logical-deduction-seven-objects": "choice",
    "logical-deduction-three-objects": "choice",
    "movie-recommendation": "choice",
    "multistep-arithmetic-two": "numeric",
    "navigate": "boolean",
    "object-counting": "numeric",
    "penguins-in-a-table": "choice",
    "reasoning-about-colored-objects": "choice",
    "ruin-names": "choice",
    "salient-translation-error-detection": "choice",
    "snarks": "choice",
    "sports-understanding": "boolean",
    "temporal-sequences": "choice",
    "tracking-shuffled-objects-five-objects": "choice",
    "tracking-shuffled-objects-seven-objects": "choice",
    "tracking-shuffled-objects-three-objects": "choice",
    "web-of-lies": "boolean",
    "word-sorting": "text",
}
"""The verifier of each task."""

_LETTER = re.compile(r"\(([A-Z])\)")
_OPTION = re.compile(r"^\(([A-Z])\)[ \t]*(.*)$", re.MULTILINE)


class BigBenchHard(Released):
    """Tasks of BIG-Bench on which models were once worse than people."""

    title: ClassVar[str] = "BIG-Bench Hard, 27 tasks of reasoning"
    source: ClassVar[str] = "Suzgun et al. 2022, arXiv:2210.09261; MIT; 6511, 146-250 a task"
    splits: ClassVar[tuple[str, ...]] = ("test", *TASKS)
    verifier: ClassVar[str] = "by_question"
    hub: ClassVar[Hub | None] = Hub("lukaemon/bbh")
    files: ClassVar[dict[str, tuple[str, ...]]] = {
        task: (f"{task.replace('-', '_')}.json",) for task in TASKS
    }

    kind: Literal["bbh"] = "bbh"

    def rows(self, split: str) -> tuple[str, Numbered]:
        """Return the rows of one task, or of all of them; numbers begin anew with each task."""
        path = self.path or local_copy(self.kind)
        tasks = tuple(TASKS) if split == "test" else (split,)
        if path is not None and path.is_file() and len(tasks) > 1:
            raise DataError(f"{path} is one file and bbh 27 tasks: name one, as in bbh:navigate")
        place = str(path or "lukaemon/bbh")
        return place, ((n, row) for task in tasks for n, row in self._task(task, path))

    def question(self, row: Row, number: int, split: str) -> dict[str, Any]:
        """Return a question; its options are read from its text, where they have letters."""
        task, verifier = row["task"], TASKS[row["task"]]
        text, answer = text_of(row, "input").strip(), answer_of(row, "target").strip()
        choices: tuple[str, ...] | None = None
        if verifier == "choice":
            letter = _LETTER.fullmatch(answer)
            choices = _choices(text) if letter else None
            verifier = verifier if letter else "text"
            if letter and (not choices or letter[1] not in LETTERS[: len(choices)]):
                raise BadRow(f"field 'target': no option {answer} in the text")
        return {
            "id": f"bbh-{task}-{number:03d}",
            "text": text,
            "answer": answer.strip("()") if choices else answer,
            "choices": choices,
            "meta": {"verifier": verifier},
            "tags": {"task": task},
        }

    def _task(self, task: str, path: Path | None) -> Numbered:
        if path is None:
            rows = hub_rows("lukaemon/bbh", task.replace("-", "_"), "test")
        else:
            rows = _examples(path if path.is_file() else path / self.files[task][0])
        for number, row in enumerate(rows, 1):
            yield number, {**row, "task": task}


def _examples(path: Path) -> Iterator[dict[str, Any]]:
    document = read_json(path)
    rows = document.get("examples") if isinstance(document, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise DataError(f"{path}: expected an object with `examples`, a list of objects")
    yield from rows


def _choices(text: str) -> tuple[str, ...] | None:
    """Return the options that follow `Options:`, if they are (A), (B), … without a gap."""
    listed = _OPTION.findall(text.rpartition("Options:")[2])
    if "".join(letter for letter, _ in listed) != LETTERS[: len(listed)]:
        return None
    return tuple(option.strip() for _, option in listed) or None
