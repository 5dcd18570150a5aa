r"""GSM-Plus: every test question of GSM8K, perturbed in eight ways.

    {"question": "…", "solution": "…\n#### 7", "answer": "7",
     "perturbation_type": "digit expansion",
     "seed_question": "…", "seed_solution": "…", "seed_answer": "5"}

`test` has 10552 questions, `testmini` 2400 of them; there is no training split. The perturbation is
a tag and the seed question the cluster: the eight questions of a seed are no independent evidence.
Questions of `critical thinking` lack what is needed to answer them; their answer is "None", which
an abstention meets ("cannot be determined"). This is the corrected release of July 2024.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from cotkd.questions.fields import number_of, text_of
from cotkd.questions.released import Hub, Released, Row
from cotkd.questions.solution import split_solution
from cotkd.questions.tags import seed_cluster


class GSMPlus(Released):
    """GSM8K's test questions perturbed in eight ways."""

    title: ClassVar[str] = "GSM8K's test questions, perturbed in eight ways"
    source: ClassVar[str] = (
        "Li et al. 2024, arXiv:2402.19255; CC BY-SA 4.0; test 10552, testmini 2400"
    )
    splits: ClassVar[tuple[str, ...]] = ("test", "testmini")
    hub: ClassVar[Hub | None] = Hub("qintongli/GSM-Plus")
    files: ClassVar[dict[str, tuple[str, ...]]] = {
        split: (f"{split}.jsonl", f"data/{split}-00000-of-00001.jsonl", f"GSM-Plus_{split}.jsonl")
        for split in splits
    }

    kind: Literal["gsm-plus"] = "gsm-plus"

    def question(self, row: Row, number: int, split: str) -> dict[str, Any]:
        """Return a question, with its perturbation and its seed question's name."""
        solution = str(row.get("solution") or "")
        return {
            "text": text_of(row, "question").strip(),
            "answer": number_of(row, "answer"),
            "rationale": split_solution(solution).rationale if "####" in solution else None,
            "cluster": seed_cluster(text_of(row, "seed_question")),
            "tags": {"perturbation": text_of(row, "perturbation_type").strip()},
        }
