"""The options of a multiple-choice question: as rows hold them, and as they stand in its text.

with_options("What floats?", ("an anvil", "a cork"))
"What floats? Answer Choices: (A) an anvil (B) a cork"

options_of({"label": ["A", "B"], "text": ["an anvil", "a cork"]})
Options(("an anvil", "a cork"), labels=("A", "B"))
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pydantic_core import from_json

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_LABELS = ("label", "labels", "key", "letter")
_TEXTS = ("text", "texts", "value", "content", "choice")


class Options(NamedTuple):
    """Texts of options, and what a row calls them where it does."""

    texts: tuple[str, ...]
    labels: tuple[str, ...] = ()

    def answer(self, stated: str) -> str:
        """Return the letter of the option that a gold answer names by its label."""
        name = stated.strip()
        return LETTERS[self.labels.index(name)] if name in self.labels[: len(LETTERS)] else stated


def with_options(question: str, choices: Sequence[str]) -> str:
    """Return the question followed by its options as (A), (B) and so on."""
    listed = " ".join(
        f"({letter}) {choice}" for letter, choice in zip(LETTERS, choices, strict=False)
    )
    return f"{question.strip()} Answer Choices: {listed}"


def options_of(value: Any) -> Options | None:
    """Return the options in a field; None where it holds something else.

    Read are a list of texts or numbers, `{"label": […], "text": […]}`, a list of such objects,
    `{"A": …, "B": …}`, and all of these written out as JSON.
    """
    if isinstance(value, str) and value[:1] in ("[", "{"):
        try:
            value = from_json(value)
        except ValueError:
            return None
    if isinstance(value, Mapping):
        labels, texts = _first(value, _LABELS), _first(value, _TEXTS)
        if texts is None and all(isinstance(key, str) and len(key) == 1 for key in value):
            # no struct of a table: there, options that a row lacks are null
            kept = sorted((key, text) for key, text in value.items() if text is not None)
            labels, texts = [key for key, _ in kept], [text for _, text in kept]
        return _options(texts, labels)
    if isinstance(value, list | tuple) and value and all(isinstance(v, Mapping) for v in value):
        labels = [_first(one, _LABELS) for one in value]
        return _options([_first(one, _TEXTS) for one in value], labels)
    return _options(value, None)


def _options(texts: Any, labels: Any) -> Options | None:
    written, named = _written(texts), _written(labels)
    if written is None:
        return None
    return Options(written, named if named is not None and len(named) == len(written) else ())


def _written(values: Any) -> tuple[str, ...] | None:
    """Return two or more values as text; None where one is neither text nor number."""
    if not isinstance(values, list | tuple) or len(values) < 2:
        return None
    if not all(isinstance(value, str | int | float) for value in values):
        return None
    return tuple(str(value) for value in values)


def _first(value: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((value[name] for name in names if name in value), None)
