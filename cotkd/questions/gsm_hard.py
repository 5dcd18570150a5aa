"""GSM-Hard: the test questions of GSM8K with one number replaced by a large one.

    {"input": "Ann has 3 boxes of 4933828 eggs. …", "code": "def solution…", "target": 14801484.0}

All 1319 are `test` (the hub calls them train; nothing of them may be trained on), in an order of
their own. The program quotes the question of GSM8K that a row is made from; its fingerprint is the
row's cluster, as in GSM-Plus, and the program itself is left out. The gold answers were computed
by programs: some problems make no sense (negative eggs). Whole answers must be equal; others may
differ from gold by half a cent, or by a thousandth of it where that is less. PAL allowed 0.001 for
all.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar, Literal

from cotkd.questions.fields import BadRow, number_of, text_of
from cotkd.questions.released import Hub, Released, Row
from cotkd.questions.tags import seed_cluster

_DOCSTRING = re.compile(r'"""(.*?)"""', re.DOTALL)


class GSMHard(Released):
    """GSM8K's test questions with large numbers."""

    title: ClassVar[str] = "GSM8K's test questions with one large number"
    source: ClassVar[str] = "Gao et al. 2022, arXiv:2211.10435; MIT, PAL's copy Apache-2.0; 1319"
    verifier: ClassVar[str] = "by_question"
    folder: ClassVar[str | None] = "pal"
    hub: ClassVar[Hub | None] = Hub("reasoning-machines/gsm-hard", splits={"test": "train"})
    files: ClassVar[dict[str, tuple[str, ...]]] = {
        "test": ("gsmhardv2.jsonl", "gsmhard.jsonl", "test.jsonl")
    }

    kind: Literal["gsm-hard"] = "gsm-hard"

    def question(self, row: Row, number: int, split: str) -> dict[str, Any]:
        """Return a question, with the name of the one that it was made from."""
        answer = number_of(row, "target")
        quoted = _DOCSTRING.search(str(row.get("code") or ""))
        return {
            "text": text_of(row, "input").strip(),
            "answer": answer,
            "meta": {"verifier": {"kind": "numeric", "tolerance": _tolerance(answer)}},
            "cluster": seed_cluster(quoted[1]) if quoted else None,
            "tags": {"answer": "whole" if _is_whole(answer) else "decimal"},
        }


def _is_whole(answer: str) -> bool:
    return answer.lstrip("+-").isdigit()


def _tolerance(answer: str) -> float:
    """Return the accepted difference relative to the gold answer."""
    if _is_whole(answer):
        return 0.0
    try:
        return min(1e-3, 0.005 / abs(float(answer)))
    except (ValueError, ZeroDivisionError):
        raise BadRow(f"field 'target': expected a number, found {answer!r}") from None
