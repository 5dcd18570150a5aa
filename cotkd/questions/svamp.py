"""SVAMP: one- and two-step problems that are variations of each other, in the splits of the papers.

    {"ID": "chal-2", "Body": "Ann has 9 pears and eats 3 of them.", "Question": "How many …?",
     "Equation": "( 9.0 - 3.0 )", "Answer": 6.0, "Type": "Subtraction"}

Three splits are in use, and figures of one say nothing about another:

    train, test            700 and 300, as on the hub
    train-800, test-200    those of Hsieh et al. 2023, who publish the 800
    all                    the 1000 of the release; zero- and few-shot papers test on these

The release is one file, `SVAMP.json`; `train-800` and `test-200` need the `svamp_train.json` of
Hsieh et al. beside it, and are local only.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar, Literal

from cotkd.errors import DataError
from cotkd.questions.fields import number_of, text_of
from cotkd.questions.released import (
    Hub,
    Numbered,
    Released,
    Row,
    chosen,
    local_copy,
    local_rows,
)
from cotkd.questions.tags import operations

RELEASE, HSIEH = "SVAMP.json", "svamp_train.json"
_WORD = re.compile(r"\w+")
_TYPES = {"Common-Divison": "Common-Division"}
"""A misspelling of the release."""


class Svamp(Released):
    """Word problems of one and two steps that differ in a detail."""

    title: ClassVar[str] = "word problems of 1-2 steps that differ in a detail"
    source: ClassVar[str] = (
        "Patel et al. 2021, arXiv:2103.07191; MIT; all 1000, train 700 + test 300, "
        "train-800 + test-200"
    )
    splits: ClassVar[tuple[str, ...]] = ("train", "test", "train-800", "test-200", "all")
    default_split: ClassVar[str] = "train"
    local_only: ClassVar[tuple[str, ...]] = ("train-800", "test-200")
    hub: ClassVar[Hub | None] = Hub("ChilleD/SVAMP", splits={"all": "train+test"})
    files: ClassVar[dict[str, tuple[str, ...]]] = {
        "train": ("train.json", "train.jsonl"),
        "test": ("test.json", "test.jsonl"),
        **dict.fromkeys(("all", "train-800", "test-200"), (RELEASE,)),
    }

    kind: Literal["svamp"] = "svamp"

    def rows(self, split: str) -> tuple[str, Numbered]:
        """Return the rows of a split; those of Hsieh et al. are told by their words."""
        place, rows = super().rows(split)
        if Path(place).name == RELEASE and split in ("train", "test"):
            raise DataError(
                f"{place} holds all 1000 problems, not the hub's {split}: take svamp:all"
            )
        if split not in self.local_only:
            return place, rows
        theirs, trained = _of_hsieh(Path(place).parent / HSIEH), split == "train-800"
        return place, chosen(rows, place, lambda row: (_words(_text(row)) in theirs) == trained)

    def question(self, row: Row, number: int, split: str) -> dict[str, Any]:
        """Return a question; its id is that of the release, `svamp-chal-2`, in every split."""
        type_ = text_of(row, "Type").strip()
        equation = text_of(row, "Equation")
        steps = sum(sign in "+-*/" for sign in equation.split())
        signs = {"operations": operations(equation)} if steps else {}
        return {
            "id": f"svamp-{text_of(row, 'ID')}",
            "text": _text(row),
            "answer": number_of(row, "Answer"),
            "meta": {"equation": equation},
            "tags": {"type": _TYPES.get(type_, type_), "steps": str(steps), **signs},
        }


def _text(row: Row) -> str:
    return f"{text_of(row, 'Body').strip()} {text_of(row, 'Question').strip()}"


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.casefold()))


def _of_hsieh(path: Path) -> set[tuple[str, ...]]:
    if not path.is_file():
        folder = local_copy("svamp")
        hint = f" in {folder}" if folder and folder != path.parent else ""
        raise DataError(
            f"{path} is missing{hint}: it holds the 800 training problems of Hsieh et al. "
            "(github.com/google-research/distilling-step-by-step); or take the split all"
        )
    rows = enumerate(local_rows(path), 1)
    asked = chosen(rows, str(path), lambda row: bool(text_of(row, "input")))
    return {_words(row["input"]) for _, row in asked}
