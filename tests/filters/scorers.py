"""Scorers for tests: tiny real models, opened once."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from cotkd.teachers.base import Engine, load_teacher
from cotkd.types import Question
from tests.tiny import build_tokenizer, save, tiny_llama, tiny_t5

QUESTIONS = {
    "q1": Question(id="q1", text="Ann has 3 boxes of 4 eggs. How many?", answer="12"),
    "q2": Question(id="q2", text="Heavier?", answer="B", choices=("a feather", "an anvil")),
    "q3": Question(id="q3", text="Bob has 6 of 2 apples. How many?", answer="12"),
}


@cache
def scorer_of(family: str = "llama") -> Engine:
    """Return an engine that scores with a random model."""
    build = {"llama": tiny_llama, "t5": tiny_t5}[family]
    with tempfile.TemporaryDirectory() as folder:
        return load_teacher(save(Path(folder), build(seed=2), build_tokenizer()))
