"""`kill -9` at random moments of sampling with a local model, then the same call again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from cotkd.store.shard import Shard
from cotkd.types import Completion
from tests.tiny import build_tokenizer, save, tiny_llama

ROOT = Path(__file__).resolve().parents[2]


def test_killed_and_repeated_sampling_ends_with_the_undisturbed_rows(tmp_path):
    model = save(tmp_path / "model", tiny_llama(), build_tokenizer())
    done = subprocess.run(
        [sys.executable, "-m", "tests.teachers.killed", model, tmp_path, "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        timeout=120,
        check=True,
    )
    found, expected = (rows_in(tmp_path / name) for name in ("killed", "undisturbed"))
    assert len(expected) == 96
    assert found == expected
    seen = [int(count) for count in done.stdout.split()]
    assert set(seen) - {0, 96}, f"every kill came too early or too late: {seen}"


def rows_in(run):
    """All rows of the one stream in a run directory, in order of key; a repeated key is refused."""
    (path,) = (run / "samples").glob("*.jsonl")
    with Shard(path, Completion) as shard:
        return sorted(shard.rows(), key=lambda row: row.key)
