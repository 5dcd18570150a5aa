"""StrategyQA: yes-or-no questions whose steps are not in the question.

    {"qid": "e0044a7b", "question": "Could a llama give birth twice during a war of 1945?",
     "answer": false, "facts": ["…", "…"], "decomposition": ["How long …?", "Is #1 …?"]}

The golds of the leaderboard's test split are not public. The release's `dev` (229) is what papers
report, so the suite is `dev`, and `train` has 2061; both from the files of its authors. The hub's
copy drew a split of its own, here `hub-train` (1603) and `hub-test` (687): figures of one split say
nothing about the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from cotkd.questions.fields import BadRow, answer_of, text_of
from cotkd.questions.released import Hub, Released, Row
from cotkd.store.rows import shortened


class StrategyQA(Released):
    """Yes-or-no questions that need several facts."""

    title: ClassVar[str] = "yes-or-no questions that need several facts"
    source: ClassVar[str] = (
        "Geva et al. 2021, arXiv:2101.02235; MIT; train 2061, dev 229, hub-train 1603, hub-test 687"
    )
    splits: ClassVar[tuple[str, ...]] = ("train", "dev", "hub-train", "hub-test")
    default_split: ClassVar[str] = "train"
    test_split: ClassVar[str] = "dev"
    verifier: ClassVar[str] = "boolean"
    local_only: ClassVar[tuple[str, ...]] = ("train", "dev")
    hub: ClassVar[Hub | None] = Hub(
        "ChilleD/StrategyQA", splits={"hub-train": "train", "hub-test": "test"}
    )
    files: ClassVar[dict[str, tuple[str, ...]]] = {
        "train": ("train.json",),
        "dev": ("dev.json",),
        "hub-train": ("hub-train.jsonl",),
        "hub-test": ("hub-test.jsonl",),
    }

    kind: Literal["strategyqa"] = "strategyqa"

    def question(self, row: Row, number: int, split: str) -> dict[str, Any]:
        """Return a question; its facts are the rationale, the number of its parts the steps."""
        answer = answer_of(row, "answer").strip().lower()
        answer = {"true": "yes", "false": "no"}.get(answer, answer)
        if answer not in ("yes", "no"):
            raise BadRow(f"field 'answer': expected true or false, found {answer!r}")
        facts, parts = row.get("facts") or (), row.get("decomposition") or ()
        if not isinstance(parts, list | tuple):
            raise BadRow(f"field 'decomposition': expected a list, found {shortened(repr(parts))}")
        listed = isinstance(facts, Sequence) and not isinstance(facts, str)
        rationale = " ".join(str(fact).strip() for fact in facts) if listed else str(facts)
        return {
            "id": f"strategyqa-{text_of(row, 'qid')}",
            "text": text_of(row, "question").strip(),
            "answer": answer,
            "rationale": rationale.strip() or None,
            "meta": {"decomposition": list(parts)} if parts else {},
            "tags": {"steps": str(len(parts))} if parts else {},
        }
