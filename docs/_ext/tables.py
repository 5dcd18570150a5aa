"""Directives whose tables are made from the code and from measurements, so that none is typed.

```{kinds} cotkd.filters.base.Filter``` what is registered, ```{settings} …Training``` the fields of
a class, ```{recipe} mt_cot``` a recipe as shipped, ```{measured} mt_cot``` a method's students
in benchmarks/methods/results.jsonl.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "methods" / "results.jsonl"


class _Table(SphinxDirective):
    """Reads its one argument and returns a table."""

    required_arguments = 1
    has_content = False

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[nodes.Node]:
        """Return the table; cells are MyST text."""
        lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
        lines += ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows]
        return self.parse_text_to_nodes("\n".join(lines))

    @property
    def named(self) -> Any:
        """What the argument names: `package.module.Name`."""
        module, _, name = self.arguments[0].rpartition(".")
        return getattr(importlib.import_module(module), name)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


class Kinds(_Table):
    """What is registered under a choice, with the first line of its documentation."""

    def run(self) -> list[nodes.Node]:
        """Return name, meaning and source of every kind."""
        rows = []
        for kind, cls in self.named.kinds().items():
            words = getattr(cls, "title", "") or (cls.__doc__ or "").strip().splitlines()[0]
            source = getattr(cls, "paper", "") or getattr(cls, "source", "")
            rows.append((f"`{kind}`", words.rstrip("."), source))
        with_source = any(row[2] for row in rows)
        heads = ["name", "what it is", "from"][: 3 if with_source else 2]
        return self.table(heads, [row[: len(heads)] for row in rows])


class Settings(_Table):
    """The fields of a settings class."""

    def run(self) -> list[nodes.Node]:
        """Return name, default and documentation of every field."""
        rows = []
        for name, field in self.named.model_fields.items():
            default = field.get_default(call_default_factory=True)
            shown = "" if name == "kind" or field.is_required() else f"`{_short(default)}`"
            rows.append((f"`{name}`", shown, field.description or ""))
        return self.table(["setting", "default", "meaning"], rows)


def _short(value: Any) -> str:
    if hasattr(value, "kind"):
        return str(value.kind)
    if hasattr(value, "model_fields"):
        return "…"
    text = "null" if value is None else repr(value) if isinstance(value, str) else str(value)
    return text.replace("\n", "\\n").replace("`", "'") or "''"


class Recipe(SphinxDirective):
    """A recipe's YAML."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the file as a code block."""
        path = ROOT / "cotkd" / "recipes" / f"{self.arguments[0]}.yaml"
        self.env.note_dependency(str(path))
        text = path.read_text(encoding="utf-8")
        return [nodes.literal_block(text, text, language="yaml")]


class Differs(SphinxDirective):
    """What a method's file says differs from its paper."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the paragraph after "Differs from the paper:" in the file's docstring."""
        module = importlib.import_module(f"cotkd.methods.{self.arguments[0]}")
        _, found, rest = (module.__doc__ or "").partition("Differs from the paper:")
        if not found:
            raise self.error(f"{module.__name__}: says nothing of what differs from the paper")
        text = " ".join(rest.split("\n\n")[0].split())
        return self.parse_text_to_nodes(text[0].upper() + text[1:])


class MethodSettings(Settings):
    """The settings of a method, by its name."""

    @property
    def named(self) -> Any:
        """The method's class."""
        from cotkd.methods.base import Method

        return Method.kinds()[self.arguments[0]]


class Measured(_Table):
    """What the students of a method scored in the benchmark of methods."""

    def run(self) -> list[nodes.Node]:
        """Return a row for each student and head, or the line that says that there is none."""
        from benchmarks.methods.pages import measured

        self.env.note_dependency(str(RESULTS))
        heads, rows = measured(RESULTS, self.arguments[0])
        if not rows:
            return self.parse_text_to_nodes(
                "Not measured yet: `python -m benchmarks.methods run --methods "
                f"{self.arguments[0]}` does."
            )
        return self.table(heads, rows)


def setup(app: Any) -> dict[str, Any]:
    """Register the directives."""
    for name, directive in {
        "kinds": Kinds,
        "settings": Settings,
        "recipe": Recipe,
        "differs": Differs,
        "method-settings": MethodSettings,
        "measured": Measured,
    }.items():
        app.add_directive(name, directive)
    return {"parallel_read_safe": True, "version": "1"}
