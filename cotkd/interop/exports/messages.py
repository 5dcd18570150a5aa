r"""Conversations in OpenAI's form, which TRL and LLaMA-Factory read.

{"messages": [{"role": "user", "content": "Ann has …?"},
              {"role": "assistant", "content": "There are 3*4 = 12.\n#### 12"}]}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from cotkd.interop.exports.base import Supervised, turn

TAGS = {
    "role_tag": "role",
    "content_tag": "content",
    "user_tag": "user",
    "assistant_tag": "assistant",
    "system_tag": "system",
}


class Messages(Supervised):
    """Conversations, put into the student's own chat template by the trainer."""

    title: ClassVar[str] = "conversations of a user and an assistant"
    source: ClassVar[str] = "TRL SFTTrainer, LLaMA-Factory, OpenAI"
    entry: ClassVar[Mapping[str, Any]] = {
        "formatting": "sharegpt",
        "columns": {"messages": "messages"},
        "tags": TAGS,
    }

    kind: Literal["messages"] = "messages"
    system: str = ""
    """System message; empty sends none."""

    def row(self, asked: str, solved: str) -> dict[str, Any]:
        """Return the conversation."""
        first = [turn("system", self.system)] if self.system else []
        return {"messages": [*first, turn("user", asked), turn("assistant", solved)]}
