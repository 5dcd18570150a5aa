r"""GSM-Symbolic: templates made from GSM8K's test questions, each filled in fifty times.

    {"id": 12, "instance": 3, "question": "…", "answer": "…\n#### 32.5", "original_id": 907,
     "original_question": "…", "original_answer": "…", "canary": "…"}

`test` is the main set, 100 templates x 50; `p1` and `p2` have one and two clauses more (100 x 50
and 50 x 50). There is no training split. The template is the cluster: fifty fillings of one are no
fifty independent questions, and intervals that take them for such are far too narrow. The set's
numbers are also larger than those of GSM8K, so a lower score is not by itself a lack of reasoning.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from cotkd.questions.fields import BadRow, field_of, text_of
from cotkd.questions.released import Hub, Released, Row
from cotkd.questions.solution import split_solution


class GSMSymbolic(Released):
    """Templates of GSM8K's test questions, filled in fifty times."""

    title: ClassVar[str] = "templates of GSM8K's test questions, filled in fifty times"
    source: ClassVar[str] = (
        "Mirzadeh et al. 2024, arXiv:2410.05229; CC BY-NC-ND 4.0; test 5000, p1 5000, p2 2500"
    )
    splits: ClassVar[tuple[str, ...]] = ("test", "p1", "p2")
    hub: ClassVar[Hub | None] = Hub(
        "apple/GSM-Symbolic",
        "main",
        splits={"p1": "test", "p2": "test"},
        configurations={"p1": "p1", "p2": "p2"},
    )
    files: ClassVar[dict[str, tuple[str, ...]]] = {
        "test": ("main/test.jsonl", "GSM_symbolic.jsonl", "test.jsonl"),
        "p1": ("p1/test.jsonl", "GSM_p1.jsonl"),
        "p2": ("p2/test.jsonl", "GSM_p2.jsonl"),
    }

    kind: Literal["gsm-symbolic"] = "gsm-symbolic"

    def question(self, row: Row, number: int, split: str) -> dict[str, Any]:
        """Return a question, with its template's name."""
        template, instance = (_whole(row, name) for name in ("id", "instance"))
        solution = split_solution(text_of(row, "answer"))
        if not solution.answer or solution.rationale is None:
            raise BadRow("field 'answer': expected a solution that ends in '#### ANSWER'")
        return {
            "id": f"gsm-symbolic-{split}-{template:04d}-{instance:02d}",
            "text": text_of(row, "question").strip(),
            "answer": solution.answer,
            "rationale": solution.rationale,
            "cluster": f"gsm-symbolic-{template:04d}",
            "meta": {"original_id": row.get("original_id")},
        }


def _whole(row: Row, name: str) -> int:
    value = field_of(row, name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise BadRow(f"field {name!r}: expected a number, found {value!r}")
    return value
