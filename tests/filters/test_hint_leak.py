"""Rationales that give away that the answer was given are dropped."""

from __future__ import annotations

import pytest

from cotkd.filters.hint_leak import HintLeak
from cotkd.filters.select import select
from tests.filters.rows import QUESTIONS, rationale


@pytest.mark.parametrize(
    ("text", "told", "threshold", "reason"),
    [
        ("Since the answer is 12, Ann has 3 * 4 eggs.", "12", 1, "speaks of a given answer"),
        ("Since the answer is 12, Ann has 3 * 4 eggs.", None, 1, "speaks of a given answer"),
        ("Since the answer is 12, Ann has 3 * 4 eggs.", "15", 1, None),
        ("She has 12 eggs left because 20 - 8 is 12.", "12", 0.5, "answer before reasoning"),
        ("She has 12 eggs left because 20 - 8 is 12.", "12", 1, None),
        ("She has 12 eggs left. She ate 8.", "12", 0.25, "answer in the first sentence"),
        ("Ann has 3 * 4 = 12 eggs, so the answer is 12.", "12", 0.25, None),
        ("", "12", 0.25, None),
    ],
)
def test_reasons(text: str, told: str | None, threshold: float, reason: str | None) -> None:
    row = rationale(text, told=told)
    dropped = HintLeak(threshold=threshold).drop([row], QUESTIONS)
    assert dropped == ({} if reason is None else {row.key: reason})


def test_each_row_carries_its_score_and_keeps_the_one_it_has() -> None:
    texts = ("Since the answer is 12, Ann has 3 * 4 eggs.", "3 * 4 = 12.")
    rows = [rationale(text, told="12", sample=n) for n, text in enumerate(texts)]
    selection = select(rows, ["hint_leak"], questions=QUESTIONS.values())
    assert [row.scores for row in selection.kept] == [{"hint_leak": 0.0}]
    assert HintLeak().observe(rows, QUESTIONS)[rows[0].key] == {"hint_leak": 1.0}
    assert HintLeak().observe(selection.kept, QUESTIONS) == {}
