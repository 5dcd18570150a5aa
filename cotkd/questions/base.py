"""Where questions come from: one class for each set, loaded by name.

    QuestionSource.parse({"kind": "gsm8k", "path": "data/gsm8k"}).load("test")

A source says what it is in class attributes, so that listing the sets loads none of them.
"""

from __future__ import annotations

from typing import ClassVar

from cotkd.config import Choice, unknown
from cotkd.errors import SettingError
from cotkd.types import Question


class QuestionSource(Choice):
    """A named set of questions; a leaf class gives `kind`, the attributes below and `read`."""

    title: ClassVar[str]
    """What the set is, in a few words."""
    source: ClassVar[str]
    """Where it comes from: citation, licence, size."""
    splits: ClassVar[tuple[str, ...]]
    default_split: ClassVar[str]
    verifier: ClassVar[str] = "numeric"
    """Name of the verifier that its answers ask for."""

    def load(self, split: str | None = None) -> list[Question]:
        """Return the questions of a split, in an order that never changes.

        Args:
            split: One of `splits`; None for `default_split`.

        Raises:
            SettingError: There is no such split.
            UserError: The set cannot be reached, or holds a row that cannot be used.
        """
        split = split or self.default_split
        if split not in self.splits:
            raise SettingError(unknown(f"split of {self.kind}", split, self.splits))
        return self.read(split)

    def read(self, split: str) -> list[Question]:
        """Return the questions of one of `splits`."""
        raise NotImplementedError
