"""Where questions come from: one class for each set, loaded by name.

    QuestionSource.parse({"kind": "gsm8k", "path": "data/gsm8k"}).load("test")

A source says what it is in class attributes, so that listing the sets loads none of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from cotkd.config import Choice, plain, unknown
from cotkd.errors import SettingError
from cotkd.types import Question


class QuestionSource(Choice):
    """A named set of questions; a leaf class gives `kind`, the attributes below and `read`."""

    title: ClassVar[str]
    """What the set is, in a few words."""
    source: ClassVar[str]
    """Where it comes from: citation, licence, size."""
    splits: ClassVar[tuple[str, ...]] = ("test",)
    default_split: ClassVar[str] = "test"
    test_split: ClassVar[str] = "test"
    """The split that is meant where the set is named as an evaluation suite without one."""
    verifier: ClassVar[str | Mapping[str, Any]] = "numeric"
    """The verifier that its answers ask for, by name or with its settings."""

    def load(self, split: str | None = None) -> list[Question]:
        """Return the questions of a split, in an order that never changes.

        Args:
            split: One of `splits`; None for `default_split`.

        Raises:
            SettingError: There is no such split.
            UserError: The set cannot be reached, or holds a row that cannot be used.
        """
        split = split or self.default_split
        named = {plain(name): name for name in self.splits}
        if plain(split) not in named:
            raise SettingError(unknown(f"split of {self.kind}", split, self.splits))
        return self.read(named[plain(split)])

    def read(self, split: str) -> list[Question]:
        """Return the questions of one of `splits`."""
        raise NotImplementedError
