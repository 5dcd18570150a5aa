"""ASDiv: problems of six school grades in many wordings.

    <Problem ID="nluds-0001" Grade="1" Source="…">
      <Body>Ann has 7 red and 2 green apples.</Body> <Question>How many apples has she?</Question>
      <Solution-Type>Addition</Solution-Type> <Answer>9 (apples)</Answer> <Formula>7+2=9</Formula>
    </Problem>

There is no training split. `test` are the problems with one number as their answer, which is what
papers report (about 2,100); `all` are the 2305 of the release, of which some answers are words,
times, or several numbers. Units in brackets are not part of an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Literal
from xml.etree import ElementTree

from cotkd.errors import DataError
from cotkd.questions.fields import text_of
from cotkd.questions.released import Hub, Numbered, Released, Row, chosen
from cotkd.questions.tags import operations

_UNIT = re.compile(r"\s*\([^()]*\)\s*\Z")
_NUMBER = re.compile(r"[+-]?\d[\d,]*(?:\.\d+)?(?:\s*/\s*\d+)?|[+-]?\.\d+", re.ASCII)
_FIELDS = {
    "Body": "body",
    "Question": "question",
    "Solution-Type": "solution_type",
    "Answer": "answer",
    "Formula": "formula",
}
"""Elements of the release by the hub's name for them."""
_ENTITY = b"<!ENTITY"


class ASDiv(Released):
    """Word problems of grades 1-6 in many wordings."""

    title: ClassVar[str] = "word problems of grades 1-6 in many wordings"
    source: ClassVar[str] = (
        "Miao et al. 2020, arXiv:2106.15772; CC BY-NC 4.0; all 2305, test those with a number"
    )
    splits: ClassVar[tuple[str, ...]] = ("test", "all")
    hub: ClassVar[Hub | None] = Hub(
        "EleutherAI/asdiv", "asdiv", splits={"test": "validation", "all": "validation"}
    )
    files: ClassVar[dict[str, tuple[str, ...]]] = dict.fromkeys(
        ("test", "all"), ("ASDiv.xml", "dataset/ASDiv.xml", "asdiv.jsonl")
    )

    kind: Literal["asdiv"] = "asdiv"

    def rows(self, split: str) -> tuple[str, Numbered]:
        """Return the rows of a split, of the release's XML or of the hub's fields."""
        place, rows = self._every(split)
        if split == "test":
            return place, chosen(
                rows, place, lambda row: _NUMBER.fullmatch(_answer(row)) is not None
            )
        return place, rows

    def _every(self, split: str) -> tuple[str, Numbered]:
        copy = self.copy_of(split)
        if copy is not None and copy.suffix == ".xml":
            return str(copy), enumerate(_problems(copy), 1)
        return super().rows(split)

    def question(self, row: Row, number: int, split: str) -> dict[str, Any]:
        """Return a question, with grade and type of solution among its tags."""
        formula = str(row.get("formula") or "")
        expression = formula.partition("=")[0]
        signs = operations(expression)
        tags = {"type": text_of(row, "solution_type").strip()}
        if "grade" in row:
            tags["grade"] = str(row["grade"])
        if signs:
            count = sum(expression.count(sign) for sign in "+*/") + len(
                re.findall(r"(?<=[\d)])\s*-", expression)
            )
            tags |= {"operations": signs, "steps": str(count)}
        return {
            "id": f"asdiv-{row['id']}" if "id" in row else f"asdiv-{number:05d}",
            "text": f"{text_of(row, 'body').strip()} {text_of(row, 'question').strip()}",
            "answer": _answer(row),
            "meta": {"formula": formula},
            "tags": tags,
        }


def _answer(row: Row) -> str:
    return _UNIT.sub("", text_of(row, "answer")).strip()


def _problems(path: Path) -> Iterator[Row]:
    try:
        text = path.read_bytes()
        if _ENTITY in text:  # entities that hold each other fill any memory
            raise DataError(f"{path}: declares entities, which no copy of ASDiv does")
        root = ElementTree.fromstring(text)
    except (OSError, ElementTree.ParseError) as error:
        raise DataError(f"{path}: not a readable XML file ({error})") from None
    for problem in root.iter("Problem"):
        own = {name: (problem.findtext(tag) or "").strip() for tag, name in _FIELDS.items()}
        yield {"id": problem.get("ID"), "grade": problem.get("Grade"), **own}
