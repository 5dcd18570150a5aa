"""Numeric verification and step checking, against math-verify on the same texts.

The texts are recorded solutions of GSM8K questions where `COTKD_REAL_DATA` or `../shared/data` has
them; otherwise the gold solutions of MicroGSM with an answer line.
"""

import json
import os
import time
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
    """Annotated and written equations; nothing is remembered from one round to the next."""
    from cotkd.verify import steps

    benchmark.pedantic(
        lambda: [verify_steps(text) for text, _ in pairs],
        setup=lambda: steps._check.cache_clear(),
        rounds=5,
    )
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


def test_math_workers_against_one_math_verify_process(pairs: Pairs, benchmark) -> None:
    """Symbolic comparison of every tenth text, as LaTeX that no short cut decides."""
    from math_verify import parse
    from math_verify import verify as agree

    from cotkd.types import Question
    from cotkd.verify import verifier_of
    from cotkd.verify.math_pool import close_pools

    texts = [rf"{text} \boxed{{\frac{{{_digits(gold)}}}{{7}}\sqrt{{2}}}}" for text, gold in pairs]
    golds = [rf"$\frac{{{2 * int(_digits(gold))}}}{{7\sqrt{{2}}}}$" for _, gold in pairs]
    texts, golds = texts[::10], golds[::10]
    questions = [Question(id="", text="", answer=gold) for gold in golds]

    def alone() -> None:
        for text, gold in zip(texts, golds, strict=True):
            agree(
                parse(gold, parsing_timeout=None),
                parse(text, parsing_timeout=None),
                timeout_seconds=None,
            )

    seconds = {}
    alone()  # its grammar is warm, like that of the workers
    start = time.perf_counter()
    alone()
    seconds[0] = time.perf_counter() - start
    for workers in (1, 2):
        verifier = verifier_of({"kind": "math", "workers": workers})
        verifier.verify_all(texts[:20], questions[:20])
        start = time.perf_counter()
        verdicts = verifier.verify_all(texts, questions)
        seconds[workers] = time.perf_counter() - start
        assert {verdict.status for verdict in verdicts} == {"correct"}
        close_pools()
    ratios = {workers: seconds[0] / seconds[workers] for workers in (1, 2)}
    print(f"math: {len(texts) / seconds[0]:.0f} texts/s alone, times {ratios}")
    benchmark.extra_info.update({f"times_{w}": ratio for w, ratio in ratios.items()})
    benchmark.pedantic(lambda: None)
    assert ratios[2] >= 0.9 * 2 * 0.8  # the rest is noise of a shared machine


def _digits(gold: str) -> str:
    return "".join(char for char in gold.partition(".")[0] if char.isdigit()) or "1"
