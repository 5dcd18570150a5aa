"""On real generations, our strict and flexible scores are those of lm-evaluation-harness."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cotkd.questions import load_questions
from cotkd.verify import verifier_of
from cotkd.verify.lm_eval import RULES
from tests.verify.harness import harness_scores, require_lm_eval


@pytest.fixture(scope="module")
def generations(real_data: Path) -> list[tuple[str, str, str]]:
    """Text, raw gold solution and our gold answer of every real generation on GSM8K."""
    require_lm_eval()
    questions = load_questions("gsm8k:test", path=real_data / "gsm8k")
    raw = [row["answer"] for row in _rows(real_data / "gsm8k" / "test.jsonl")]
    golds = {question.text: pair for question, pair in zip(questions, raw, strict=True)}
    answers = {question.text: question.answer for question in questions}
    rows: list[tuple[str, str, str]] = []
    for row in _rows(real_data / "gsm8k" / "example_model_solutions.jsonl"):
        texts = [each["solution"] for each in row.values() if isinstance(each, dict)]
        # the samplers write `A: 18`: as `#### 18` too, so that the strict rule has work
        for text in [*texts, *(text.replace("\nA: ", "\n#### ") for text in texts)]:
            rows.append((text, golds[row["question"]], answers[row["question"]]))
    by_number = {f"gsm8k-test-{number:05d}": solution for number, solution in enumerate(raw, 1)}
    answer_of = {question.id: question.answer for question in questions}
    for file in ("code001_COT", "code002_COT", "code002_standard"):
        for row in _rows(real_data / "faithful-cot" / "GSM8K" / f"{file}.jsonl"):
            name = f"gsm8k-test-{int(row['id']) + 1:05d}"
            rows.append((str(row["completion"]), by_number[name], answer_of[name]))
    return rows


@pytest.mark.parametrize("rule", RULES)
def test_every_real_generation_scores_the_same(
    generations: list[tuple[str, str, str]], rule: str
) -> None:
    texts, solutions, answers = zip(*generations, strict=True)
    verifier = verifier_of({"kind": "lm_eval", "rule": rule})
    ours = [verifier.verify(*pair).status == "correct" for pair in zip(texts, answers, strict=True)]
    assert ours == harness_scores(rule, texts, solutions)
    assert 0.05 < sum(ours) / len(ours) < 0.9


def _rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
