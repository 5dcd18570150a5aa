"""Settings of a student: which base model is trained, and which of its weights."""

from __future__ import annotations

from pydantic import Field

from cotkd.config import Config
from cotkd.students.lora import Lora


class StudentConfig(Config):
    """The base model that is fine-tuned."""

    model: str = "microgsm-student"
    """An embedded name, a folder, or a hub name; decoder or encoder–decoder."""
    lora: Lora | None = None
    """Train low-rank adapters instead of all weights; null for none."""
    markers: tuple[str, ...] = ()
    """Task markers added to the tokenizer as one token each, e.g. `<predict>`."""
    add_unknown: bool = False
    """Make the signs of the training examples that the tokenizer does not know, such as braces and
    line breaks for T5, tokens of their own."""
    most_unknown: float = Field(0.01, gt=0, le=1)
    """Share of unknown tokens in the training examples from which on training is refused; with 1 it
    never is."""
