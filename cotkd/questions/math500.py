r"""MATH-500: competition problems with answers in LaTeX, 500 of the 5000 that MATH tests on.

    {"problem": "What is $3/6$ in lowest terms?", "solution": "… $\\boxed{\\frac12}$.",
     "answer": "\\frac12", "subject": "Prealgebra", "level": 1, "unique_id": "test/…/12.json"}

All are `test`. Lightman et al. trained on the other 4500 test problems of MATH, so models that did
are not comparable with those trained on MATH's training split alone.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from cotkd.questions.fields import answer_of, text_of
from cotkd.questions.released import Hub, Released, Row


class Math500(Released):
    """Competition problems with answers in LaTeX."""

    title: ClassVar[str] = "competition problems with answers in LaTeX"
    source: ClassVar[str] = (
        "Lightman et al. 2023, arXiv:2305.20050, of Hendrycks et al. 2021; MIT; 500"
    )
    verifier: ClassVar[str] = "math"
    hub: ClassVar[Hub | None] = Hub("HuggingFaceH4/MATH-500")
    files: ClassVar[dict[str, tuple[str, ...]]] = {"test": ("test.jsonl", "math500.jsonl")}

    kind: Literal["math500"] = "math500"

    def question(self, row: Row, number: int, split: str) -> dict[str, Any]:
        """Return a question, with subject and level among its tags."""
        tags = {name: str(row[name]) for name in ("subject", "level") if name in row}
        return {
            "id": f"math500-{row.get('unique_id') or f'{number:05d}'}",
            "text": text_of(row, "problem").strip(),
            "answer": answer_of(row, "answer").strip(),
            "rationale": str(row.get("solution") or "").strip() or None,
            "tags": tags,
        }
