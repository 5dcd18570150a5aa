"""Numeric verification and step checking, against math-verify on the same texts.

The texts are recorded solutions of GSM8K questions where `COTKD_REAL_DATA` or `../shared/data` has
them; otherwise the gold solutions of MicroGSM with an answer line.
"""

import json
import os
from pathlib import Path

import pytest

from cotkd.questions.load import load_questions
from cotkd.verify import verify, verify_steps

Pairs = list[tuple[str, str]]


@pytest.fixture(scope="module")
def pairs() -> Pairs:
    folder = Path(os.environ.get("COTKD_REAL_DATA", "../shared/data")) / "gsm8k"
    recorded = folder / "example_model_solutions.jsonl"
    if not recorded.exists():
        questions = load_questions("microgsm:test")
        return [(f"{q.rationale}\n#### {q.answer}", q.answer) for q in questions]
    rows = [json.loads(line) for line in recorded.read_text(encoding="utf-8").splitlines()]
    columns = [key for key in rows[0] if key[0].isdigit()]
    gold = [row["ground_truth"].rpartition("A:")[2].strip() for row in rows]
    return [
        (row[column]["solution"], answer)
        for row, answer in zip(rows, gold, strict=True)
        for column in columns
    ]


def _rate(benchmark, count: int) -> None:
    benchmark.extra_info["texts"] = count
    benchmark.extra_info["texts_per_second"] = count / benchmark.stats.stats.median


def test_numeric(benchmark, pairs: Pairs) -> None:
    verdicts = benchmark(lambda: [verify(text, gold).status for text, gold in pairs])
    _rate(benchmark, len(pairs))
    assert len(verdicts) == len(pairs)


def test_steps(benchmark, pairs: Pairs) -> None:
    benchmark(lambda: [verify_steps(text) for text, _ in pairs])
    _rate(benchmark, len(pairs))


def test_math_verify(benchmark, pairs: Pairs) -> None:
    """The competitor, on every tenth text, without its time-out (which needs a signal each)."""
    from math_verify import parse
    from math_verify import verify as agree

    some = pairs[::10]

    def run() -> list[bool]:
        return [
            agree(
                parse(gold, parsing_timeout=None),
                parse(text, parsing_timeout=None),
                timeout_seconds=None,
            )
            for text, gold in some
        ]

    benchmark.pedantic(run, rounds=3)
    _rate(benchmark, len(some))
