"""Texts of training data that also stand in evaluation suites, by n-grams of words.

    asked    "Janet's ducks lay 16 eggs per day. She eats three for breakfast every morning and …"
    trained  "… ducks lay 16 eggs per day. She eats three for breakfast every morning …"   overlaps

Two texts overlap where `n` words in a row are the same: case, punctuation and `<<…>>` aside. A
suite's text of fewer words overlaps where all of them stand in a row, and one of fewer than `SHORT`
words, which might stand anywhere, only where it is the whole text. Reworded questions and changed
numbers are not found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from cotkd.types import Question

SHORT = 8
"""Words below which a text must be the same as a whole."""

_WORD = re.compile(r"\w+")
_ANNOTATION = re.compile(r"<<[^<>\n]*>>")

Words = tuple[str, ...]


class Overlap(NamedTuple):
    """Where a text was found again: the suite and the question in it."""

    suite: str
    question_id: str


def overlaps(
    texts: Iterable[str], suites: Mapping[str, Iterable[Question]], *, n: int = 13
) -> list[Overlap | None]:
    """Return for each text the first question of a suite that it overlaps with, or None.

    Args:
        texts: Questions or rationales that are trained on.
        suites: Evaluation questions by name of the suite; gold solutions count as well.
        n: Words in a row that make an overlap.
    """
    index = Index(suites, n=n)
    return [index.find(text) for text in texts]


class Index:
    """The hashed n-grams of evaluation suites."""

    def __init__(self, suites: Mapping[str, Iterable[Question]], *, n: int = 13) -> None:
        self._n = n
        self._short = min(n, SHORT)
        self._origins: list[Overlap] = []
        self._whole: dict[Words, int] = {}
        self._grams: dict[int, dict[int, int]] = {}
        self._beginnings: set[int] = set()
        for name, questions in suites.items():
            for question in questions:
                self._origins.append(Overlap(name, question.id))
                for text in filter(None, (question.text, question.rationale)):
                    self._add(words(text))

    def find(self, text: str) -> Overlap | None:
        """Return the first question that `text` overlaps with, in the order of the suites."""
        said = words(text)
        found = [self._whole[said]] if said in self._whole else []
        for at in range(len(said) - self._short + 1):
            if hash(said[at : at + self._short]) in self._beginnings:
                found += self._at(said, at)
        return self._origins[min(found)] if found else None

    def _at(self, said: Words, at: int) -> Iterator[int]:
        for size, grams in self._grams.items():
            origin = grams.get(hash(said[at : at + size])) if at + size <= len(said) else None
            if origin is not None:
                yield origin

    def _add(self, said: Words) -> None:
        origin = len(self._origins) - 1
        size = min(self._n, len(said))
        if size < self._short:
            if said:
                self._whole.setdefault(said, origin)
            return
        grams = self._grams.setdefault(size, {})
        for at in range(len(said) - size + 1):
            grams.setdefault(hash(said[at : at + size]), origin)
            self._beginnings.add(hash(said[at : at + self._short]))


def words(text: str) -> Words:
    """Return the words of a text as they are compared."""
    if "<<" in text:
        text = _ANNOTATION.sub("", text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return tuple(_WORD.findall(text.casefold()))
