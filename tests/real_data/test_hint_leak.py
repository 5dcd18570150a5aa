"""Solutions written by people who were not arguing towards a given answer hardly ever look so."""

from pathlib import Path

from cotkd.questions import load_questions
from cotkd.rationales.hint_leak import SAID_FIRST, THERE, TOLD, hint_leak


def test_gold_solutions_of_gsm8k_leak_no_hint(real_data: Path) -> None:
    questions = [
        question
        for split in ("train", "test")
        for question in load_questions("gsm8k", split=split, path=real_data / "gsm8k")
    ]
    scores = [hint_leak(q.rationale or "", q.answer, question=q.text) for q in questions]
    assert len(scores) == 8792
    assert max(scores) < TOLD
    assert sum(score >= SAID_FIRST for score in scores) <= 1
    assert sum(score >= THERE for score in scores) <= 40  # 0.5 %
