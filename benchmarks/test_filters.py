"""Speed of each filter, and memory of `cotkd filter` over more rows than it should hold.

Rows repeat recorded solutions of GSM8K questions where `COTKD_REAL_DATA` or `../shared/data` has
them; otherwise gold solutions of MicroGSM. `COTKD_BENCH_ROWS` sets how many are filtered (100,000).
"""

import json
import os
import sys
import time
from pathlib import Path

import pytest

from cotkd.filters import filter_of
from cotkd.questions.load import load_questions
from cotkd.rationales import parse
from cotkd.types import Completion, Question
from cotkd.verify import verifier_of

ROWS = int(os.environ.get("COTKD_BENCH_ROWS", "100000"))
PER_QUESTION = 8
CHAIN = "correct,steps_valid,distinct,per_question"
LONG = "correct,truncated,steps_valid,consistency,difficulty,length,distinct,diverse,per_question"

Texts = list[tuple[Question, str]]


@pytest.fixture(scope="module")
def texts() -> Texts:
    folder = Path(os.environ.get("COTKD_REAL_DATA", "../shared/data")) / "gsm8k"
    recorded = folder / "example_model_solutions.jsonl"
    if not recorded.exists():
        return [(q, f"{q.rationale}\n#### {q.answer}") for q in load_questions("microgsm:test")]
    rows = [json.loads(line) for line in recorded.read_text(encoding="utf-8").splitlines()]
    questions = load_questions("gsm8k:test", path=folder)
    return [
        (question, row[column]["solution"])
        for row, question in zip(rows, questions, strict=True)
        for column in row
        if column[0].isdigit()
    ]


def _completion(question: str, index: int, text: str) -> Completion:
    return Completion(
        question_id=question,
        stream="3f2a9c01d4e5",
        sample_index=index,
        text=text,
        finish_reason="stop",
        teacher="some/teacher-model",
        elicitation="few_shot_cot",
        prompt_tokens=312,
        completion_tokens=97,
        seed=index,
    )


@pytest.mark.benchmark(timer=time.process_time)
@pytest.mark.parametrize(
    "settings",
    [
        {"kind": "correct"},
        {"kind": "steps_valid"},
        {"kind": "distinct"},
        {"kind": "diverse", "keep": 2},
        {"kind": "length"},
        {"kind": "difficulty"},
        {"kind": "hint_leak"},
        {"kind": "consistency"},
        {"kind": "decontaminate", "suites": "microgsm"},
    ],
    ids=lambda settings: settings["kind"],
)
def test_filter(benchmark, texts: Texts, settings) -> None:
    verifier = verifier_of("numeric")
    rows = [
        parse(_completion(q.id, at, text), q, verifier=verifier)
        for at, (q, text) in enumerate(texts)
    ]
    asked = {question.id: question for question, _ in texts}
    chosen = filter_of(settings)
    chosen.drop(rows[:1], asked)
    benchmark.pedantic(chosen.drop, (rows, asked), rounds=3)
    benchmark.extra_info["rows_per_second"] = len(rows) / benchmark.stats.stats.min


def _write(folder: Path, texts: Texts, rows: int) -> None:
    with (folder / "asked.jsonl").open("w") as asked, (folder / "rows.jsonl").open("w") as given:
        for number in range(rows // PER_QUESTION):
            name, place = f"q-{number:07d}", 4 * number % (len(texts) - 4)
            question = texts[place][0].model_copy(update={"id": name})
            asked.write(question.to_json() + "\n")
            for index in range(PER_QUESTION):
                text = texts[place + index % 4][1] + " " * (index // 4)
                given.write(_completion(name, index, text).to_json() + "\n")


def _filter(folder: Path, chain: str) -> tuple[float, float]:
    """Return peak memory in MB and CPU seconds of the command in a process of its own."""
    words = ["-m", "cotkd", "filter", "rows.jsonl", "--questions", "asked.jsonl"]
    words += ["--filters", chain, "--out", "out"]
    back = Path.cwd()
    os.chdir(folder)
    try:
        process = os.spawnv(os.P_NOWAIT, sys.executable, [sys.executable, *words])
    finally:
        os.chdir(back)
    _, status, usage = os.wait4(process, 0)
    assert status == 0
    return usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime


@pytest.mark.parametrize("chain", [CHAIN, LONG], ids=["four", "nine"])
def test_a_million_rows_stay_below_a_gigabyte(benchmark, texts: Texts, tmp_path, chain) -> None:
    """Measures next to no rows and `ROWS`; what those add to the peak is taken as proportional."""
    found = []
    for rows in (PER_QUESTION, ROWS):
        folder = tmp_path / str(rows)
        folder.mkdir()
        _write(folder, texts, rows)
        found.append(_filter(folder, chain))
    (bare, _), (peak, seconds) = found
    million = bare + (peak - bare) * 1_000_000 / ROWS
    speed = ROWS / seconds
    benchmark.extra_info |= {"peak_mb": peak, "mb_of_a_million": million, "rows_per_second": speed}
    benchmark.pedantic(lambda: None, rounds=1)
    print(f"\n{chain}: {ROWS:,} rows, {peak:.0f} MB ({bare:.0f} MB without rows), {speed:,.0f}/s")
    assert million < 1024
