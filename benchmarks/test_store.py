"""The store: rows appended in durable batches, and a large shard opened again."""

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
