"""Keeps what does not overlap with the questions that the student will be measured on.

    {"kind": "decontaminate", "suites": "gsm8k:test,svamp,my/exam.jsonl"}
    →  dropped: "question overlaps gsm8k: gsm8k-test-00017"

Question and rationale are both compared with questions and gold solutions of the suites
(`cotkd.filters.overlap` says how). In a run, `suites: null` are those of its evaluation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import ClassVar, Literal

from pydantic import Field

from cotkd.errors import SettingError
from cotkd.filters.base import Filter, Scope
from cotkd.filters.overlap import SHORT, Index
from cotkd.questions.groups import expand
from cotkd.questions.load import FileFields, load_questions, locate, suite_of
from cotkd.store.tables.place import places_of
from cotkd.types import Key, Question, Rationale


class Decontaminate(Filter):
    """Drops rationales that overlap, or whose question does, with an evaluation suite."""

    title: ClassVar[str] = "shares no n-gram with an evaluation suite"
    source: ClassVar[str] = "Brown et al. 2020, arXiv 2005.14165"
    scope: ClassVar[Scope] = "row"

    kind: Literal["decontaminate"] = "decontaminate"
    suites: tuple[str, ...] | None = None
    """Suites as in `evaluation.suites`: a set, `NAME:SPLIT`, a file; null takes those of the
    run."""
    files: FileFields = FileFields()
    """How files among them are read; those of a run are read as its evaluation reads them."""
    n: int = Field(13, ge=SHORT)
    """Words in a row that make an overlap; suite texts that are shorter count as a whole."""

    def drop(
        self, rationales: Sequence[Rationale], questions: Mapping[str, Question]
    ) -> dict[Key, str]:
        """Return what overlaps; the reason names suite and question."""
        if self.suites is None:
            raise SettingError(
                "filter 'decontaminate' has nothing to compare with: give suites, for instance "
                "decontaminate with suites: [gsm8k:test]"
            )
        index = _index(self.suites, self.n, self.files, tuple(map(_changed, self.suites)))
        asked = {
            name: questions[name]
            for name in {r.question_id for r in rationales}
            if name in questions
        }
        leaked = {name: index.find(question.text) for name, question in asked.items()}
        dropped = {}
        for row in rationales:
            if overlap := leaked.get(row.question_id):
                dropped[row.key] = f"question overlaps {overlap.suite}: {overlap.question_id}"
            elif overlap := index.find(row.text):
                dropped[row.key] = f"rationale overlaps {overlap.suite}: {overlap.question_id}"
        return dropped


@lru_cache(maxsize=4)
def _index(suites: Sequence[str], n: int, files: FileFields, changed: tuple[int, ...]) -> Index:
    """Return the n-grams of suites; `changed` makes an edited file another one."""
    named = (suite_of(spec, files) for spec in expand(suites))
    return Index({name: load_questions(config) for name, config in named}, n=n)


def _changed(spec: str) -> int:
    found = [one for each in expand([spec]) for one in locate(suite_of(each)[1])]
    places = places_of(one.name for one in found if one.source is None)
    return max((place.path.stat().st_mtime_ns for place in places), default=0)
