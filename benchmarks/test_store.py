"""The store: rows appended in durable batches, a large shard opened again, a large run resumed."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from cotkd.store.shard import Shard
from cotkd.types import Completion

TEXT = "Ann has 3 boxes with 12 eggs each, so 3*12=<<3*12=36>>36 eggs.\n#### 36" * 3
BATCH = 1000


def rows(start: int) -> list[Completion]:
    return [
        Completion(
            question_id=f"q{number}",
            stream="s",
            sample_index=0,
            text=TEXT,
            finish_reason="stop",
            teacher="t",
            elicitation="plain",
            prompt_tokens=50,
            completion_tokens=80,
        )
        for number in range(start, start + BATCH)
    ]


def test_append(benchmark, tmp_path: Path) -> None:
    """One round appends `BATCH` rows durably; rows per second are in `extra_info`."""
    shard = Shard(tmp_path / "s.jsonl", Completion)
    starts = iter(range(0, 10**9, BATCH))
    benchmark.pedantic(shard.append, setup=lambda: ((rows(next(starts)),), {}), rounds=100)
    benchmark.extra_info["rows_per_second"] = BATCH / benchmark.stats.stats.median


def test_open(benchmark, tmp_path: Path) -> None:
    """One round opens a shard of 200,000 rows and indexes its keys."""
    path = tmp_path / "s.jsonl"
    with Shard(path, Completion) as shard:
        for start in range(0, 200_000, BATCH):
            shard.append(rows(start))

    def reopen() -> int:
        with Shard(path, Completion) as shard:
            return len(shard)

    assert benchmark.pedantic(reopen, rounds=3) == 200_000


def test_resume_a_large_run(benchmark, tmp_path: Path) -> None:
    """`cotkd sample` on a run of a million rows whose last question is missing.

    Set `COTKD_BENCH_ROWS` for another number. Wall time from the start of the command to the first
    request that the server sees, and the peak memory of the command.
    """
    from tests.teachers.openai.fault_server import FaultServer

    count = int(os.environ.get("COTKD_BENCH_ROWS", "1000000")) // 4
    _questions(tmp_path / "questions.jsonl", count)
    with FaultServer() as server:
        command = [
            *("/usr/bin/env", sys.executable, "-m", "cotkd", "sample", "--no-cache"),
            *("--questions", tmp_path / "questions.jsonl", "--samples", "4"),
            *("--teacher.kind", "openai", "--teacher.model", "toy"),
            *("--teacher.base_url", server.url, "--out", tmp_path / "run"),
        ]
        _run([*command, "--budget.tokens", "1"])
        (path,) = (tmp_path / "run" / "samples").glob("*.jsonl")
        _fill(path, count)
        server.times.clear()
        start = time.monotonic()
        peak = _run(command)
        seconds = server.times[0] - start
    assert _lines(path) == 4 * count
    print(f"resumed {4 * count} rows in {seconds:.1f} s with {peak} MB")
    benchmark.extra_info.update(seconds=seconds, peak_mb=peak)
    benchmark.pedantic(lambda: None)


def _questions(path: Path, count: int) -> None:
    with path.open("w") as file:
        for number in range(count):
            text = f"Ann has {number} boxes with 12 eggs each. How many eggs has she in all?"
            row = {"id": f"gsm8k-train-{number:07}", "question": text, "answer": str(12 * number)}
            file.write(json.dumps(row) + "\n")


def _fill(path: Path, count: int) -> None:
    """Write all samples of all questions but the last, as the run would have."""
    first = json.loads(path.read_text().partition("\n")[0])
    with path.open("w") as file:
        for number in range(count - 1):
            for index in range(4):
                key = {"question_id": f"gsm8k-train-{number:07}", "sample_index": index}
                file.write(json.dumps({**first, **key, "text": TEXT}) + "\n")


def _run(command: list[object]) -> int:
    """Run a command and return its peak memory in MB."""
    program = (
        "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:]);"
        "print('peak', resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024);"
        "sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, command)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = re.search(r"^peak (\d+)$", done.stdout, re.MULTILINE)
    assert found is not None
    return int(found[1])


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)
