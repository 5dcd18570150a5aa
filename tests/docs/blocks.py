r"""The commands and the Python of a page, in the order of the page.

A page's commands stand in fences marked `sh`, in the README and in a notebook's source in lines
that are indented by four spaces and begin with a program's name. A line that ends in a backslash
goes on in the next one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

_FENCE = re.compile(
    r"^(?P<ticks>`{3,})(?P<word>[\w-]*)[^\n]*\n(?P<body>.*?)^(?P=ticks)\s*$", re.M | re.S
)
_INDENTED = re.compile(r"^    (?P<line>(?:cotkd|make|python) (?:[^\n\\]|\\\n)*)$", re.M)


def fences(page: Path, word: str) -> Iterator[str]:
    """Yield the bodies of the fences marked `word`."""
    for found in _FENCE.finditer(page.read_text(encoding="utf-8")):
        if found["word"] == word:
            yield found["body"]


def commands(page: Path) -> list[str]:
    """Return the page's commands, each on one line and without its comment."""
    text = page.read_text(encoding="utf-8")
    blocks = [*fences(page, "sh")]
    if page.suffix == ".py":
        text = re.sub(r"^# ?", "", text, flags=re.M)
    if page.name == "README.md" or page.suffix == ".py":
        blocks = [found["line"] for found in _INDENTED.finditer(text)]
    lines = (line for block in blocks for line in block.replace("\\\n", " ").splitlines())
    return [" ".join(line.partition(" #")[0].split()) for line in lines if line.strip()]
