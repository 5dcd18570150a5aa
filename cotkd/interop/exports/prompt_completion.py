r"""TRL's prompt and completion, as plain text.

    {"prompt": "Ann has 3 boxes …?\n", "completion": "There are 3*4 = 12.\n#### 12"}

The prompt ends in a line break: trainers put the two together as they are.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from cotkd.interop.exports.base import Supervised


class PromptCompletion(Supervised):
    """TRL's prompt and completion, as plain text."""

    title: ClassVar[str] = "prompt and completion, plain text"
    source: ClassVar[str] = "TRL SFTTrainer"

    kind: Literal["prompt_completion"] = "prompt_completion"

    def row(self, asked: str, solved: str) -> dict[str, Any]:
        """Return prompt and completion; the loss is on the completion alone."""
        return {"prompt": f"{asked}\n", "completion": solved}
