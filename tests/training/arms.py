"""Small students and examples for the tests of training."""

from __future__ import annotations

from typing import Any

from cotkd.formats.rationale_answer import RationaleAnswer
from cotkd.students.student import Student
from cotkd.types import Example
from tests import tiny
from tests.formats.rows import question, rationale

BUILDERS = {"llama": tiny.tiny_llama, "t5": tiny.tiny_t5, "bart": tiny.tiny_bart}


def student(name: str = "llama", **settings: Any) -> Student:
    """Return a tiny student with weights drawn small enough to be trained."""
    if name == "llama":
        settings = {"initializer_range": 0.05} | settings
    return Student(name, BUILDERS[name](**settings), tiny.build_tokenizer())


def examples(count: int = 8, architecture: str = "decoder") -> list[Example]:
    """Return `count` examples of different lengths."""
    made: list[Example] = []
    for number in range(count):
        asked = question(number)
        text = (asked.rationale or "") + " That is all." * (number % 3)
        made += RationaleAnswer().examples(
            asked,
            [rationale(asked, text)],
            "decoder" if architecture == "decoder" else "encoder-decoder",
        )
    return made


def weights(of: Student) -> dict[str, Any]:
    """Return a copy of all weights."""
    return {name: weight.detach().clone() for name, weight in of.model.named_parameters()}
