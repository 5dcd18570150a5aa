r"""ShareGPT conversations, as LLaMA-Factory reads them.

{"conversations": [{"from": "human", "value": "Ann has …?"},
                   {"from": "gpt", "value": "There are 3*4 = 12.\n#### 12"}]}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from cotkd.interop.exports.base import Supervised


class Sharegpt(Supervised):
    """Conversations between `human` and `gpt`."""

    title: ClassVar[str] = "conversations of human and gpt"
    source: ClassVar[str] = "LLaMA-Factory"
    entry: ClassVar[Mapping[str, Any]] = {
        "formatting": "sharegpt",
        "columns": {"messages": "conversations"},
    }

    kind: Literal["sharegpt"] = "sharegpt"

    def row(self, asked: str, solved: str) -> dict[str, Any]:
        """Return the conversation."""
        turns = (("human", asked), ("gpt", solved))
        return {"conversations": [{"from": who, "value": text} for who, text in turns]}
