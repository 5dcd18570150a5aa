r"""Pairs for preference training: a right solution is chosen, a wrong one of the question rejected.

dpo           {"prompt": "Ann has …?\n", "chosen": "… #### 12", "rejected": "… #### 14"}
dpo_messages  {"prompt": [{"role": "user", …}], "chosen": [{"role": "assistant", …}], …}
alpaca_dpo    {"instruction": "Ann has …?", "input": "", "chosen": "…", "rejected": "…"}

The n-th right rationale of a question meets its n-th wrong one, so that none occurs twice. Both
sides are written in one form, so that a model cannot tell them apart by anything but what they say.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from cotkd.interop.curated import Group
from cotkd.interop.exports.base import Export, turn


class _Pairs(Export):
    """A format with a row for each pair."""

    pairs: int = Field(4, ge=1)
    """Pairs of a question at most."""

    @abstractmethod
    def row(self, asked: str, chosen: str, rejected: str) -> dict[str, Any]:
        """Return the row of a question, a right and a wrong solution."""

    def rows(self, group: Group) -> Iterator[dict[str, Any]]:
        """Yield a row for each pair."""
        both = zip(group.right[: self.pairs], group.wrong, strict=False)
        for right, wrong in both:
            solved = self.solved(group.question, right)
            yield self.row(self.asked(group.question), solved, self.failed(wrong))


class Dpo(_Pairs):
    """Prompt, chosen and rejected, as plain text."""

    title: ClassVar[str] = "pairs of a right and a wrong solution, plain text"
    source: ClassVar[str] = "TRL DPOTrainer"

    kind: Literal["dpo"] = "dpo"

    def row(self, asked: str, chosen: str, rejected: str) -> dict[str, Any]:
        """Return the pair after its prompt."""
        return {"prompt": f"{asked}\n", "chosen": chosen, "rejected": rejected}


class DpoMessages(_Pairs):
    """Prompt, chosen and rejected, as conversations."""

    title: ClassVar[str] = "pairs of a right and a wrong solution, as conversations"
    source: ClassVar[str] = "TRL DPOTrainer"

    kind: Literal["dpo_messages"] = "dpo_messages"

    def row(self, asked: str, chosen: str, rejected: str) -> dict[str, Any]:
        """Return the pair after its prompt."""
        return {
            "prompt": [turn("user", asked)],
            "chosen": [turn("assistant", chosen)],
            "rejected": [turn("assistant", rejected)],
        }


class AlpacaDpo(_Pairs):
    """Instruction, input, chosen and rejected."""

    title: ClassVar[str] = "pairs of a right and a wrong solution, with an instruction"
    source: ClassVar[str] = "LLaMA-Factory"
    entry: ClassVar[Mapping[str, Any]] = {
        "ranking": True,
        "columns": {
            "prompt": "instruction",
            "query": "input",
            "chosen": "chosen",
            "rejected": "rejected",
        },
    }

    kind: Literal["alpaca_dpo"] = "alpaca_dpo"

    def row(self, asked: str, chosen: str, rejected: str) -> dict[str, Any]:
        """Return the pair after its instruction."""
        return {"instruction": asked, "input": "", "chosen": chosen, "rejected": rejected}
