r"""Alpaca rows, as LLaMA-Factory and many others read them.

{"instruction": "Ann has 3 boxes …?", "input": "", "output": "There are 3*4 = 12.\n#### 12"}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from cotkd.interop.exports.base import Supervised


class Alpaca(Supervised):
    """Instruction, input and output."""

    title: ClassVar[str] = "instruction, input and output"
    source: ClassVar[str] = "LLaMA-Factory"
    entry: ClassVar[Mapping[str, Any]] = {
        "columns": {"prompt": "instruction", "query": "input", "response": "output"}
    }

    kind: Literal["alpaca"] = "alpaca"

    def row(self, asked: str, solved: str) -> dict[str, Any]:
        """Return the row; the input stays empty, since a question is all there is."""
        return {"instruction": asked, "input": "", "output": solved}
