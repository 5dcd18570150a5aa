"""Where the examples of a training come from: a list, or something that makes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from cotkd.students.student import Student
from cotkd.types import Example


class ExampleSource(Protocol):
    """Makes examples when a training starts, for instance from what the student writes by then.

    The same student must get the same examples, or a training could not be resumed.
    """

    def examples(self, student: Student) -> Sequence[Example]:
        """Return the examples that `student` is trained on."""


def examples_for(student: Student, source: Sequence[Example] | ExampleSource) -> Sequence[Example]:
    """Return the examples of a list or of a source."""
    return source if isinstance(source, Sequence) else source.examples(student)
