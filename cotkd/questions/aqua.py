"""AQuA: algebra with five options and crowd-written solutions.

    {"question": "A train goes 60 km in 40 minutes. How far …?", "options": ["A)80", "B)90", …],
     "rationale": "60 / 40 = 1.5 km a minute, …", "correct": "B"}

The options stand in the text, as students and teachers must see them. `test` is reported and `dev`
chooses checkpoints; `train` holds many near-copies of one another and many unsound solutions.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar, Literal

from cotkd.questions.fields import BadRow, text_of, texts_of
from cotkd.questions.options import LETTERS, with_options
from cotkd.questions.released import Hub, Released, Row

_LABEL = re.compile(r"^\s*\(?[A-E]\s*\)\s*")


class Aqua(Released):
    """Algebra word problems with five options."""

    title: ClassVar[str] = "algebra word problems with five options"
    source: ClassVar[str] = (
        "Ling et al. 2017, arXiv:1705.04146; Apache-2.0; train 97467, dev 254, test 254"
    )
    splits: ClassVar[tuple[str, ...]] = ("train", "dev", "test")
    default_split: ClassVar[str] = "train"
    verifier: ClassVar[str] = "choice"
    hub: ClassVar[Hub | None] = Hub("deepmind/aqua_rat", "raw", splits={"dev": "validation"})
    files: ClassVar[dict[str, tuple[str, ...]]] = {
        split: (f"{split}.json", f"{split}.jsonl") for split in splits
    }

    kind: Literal["aqua"] = "aqua"

    def question(self, row: Row, number: int, split: str) -> dict[str, Any]:
        """Return a question whose answer is a letter."""
        choices = tuple(
            _LABEL.sub("", option, count=1).strip() for option in texts_of(row, "options")
        )
        answer = text_of(row, "correct").strip()
        if answer not in LETTERS[: len(choices)]:
            raise BadRow(f"field 'correct': no option {answer!r} among {len(choices)}")
        rationale = row.get("rationale")
        return {
            "text": with_options(text_of(row, "question"), choices),
            "answer": answer,
            "choices": choices,
            "rationale": rationale.strip() or None if isinstance(rationale, str) else None,
        }
