"""`kill -9` at random moments of sampling, and the same call again, until it is done.

A program of its own does it (`tests.teachers.killed`, ...), so that what is slow to import is
imported once: `survive` forks for each attempt. The test runs the program and compares both runs:

    found, expected = runs_of("tests.teachers.killed", tmp_path, model)

Five times in the test-suite, `COTKD_KILLS` times where that is set (`make soak`: 50).
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from cotkd.store.shard import Shard
from cotkd.types import Completion

ROOT = Path(__file__).resolve().parents[1]
KILLS = int(os.environ.get("COTKD_KILLS", "5"))


def survive(
    work: Callable[[Path], object],
    root: Path,
    *,
    rows: int,
    pause: float,
    start_up: float = 0.0,
    seed: int = 0,
) -> None:
    """Run `work` into root/killed under `KILLS` kills, then undisturbed there and elsewhere.

    Prints the number of finished rows after each kill.

    Args:
        work: Samples `rows` rows into a run directory.
        root: Holds the run directories `killed` and `undisturbed`.
        rows: How many there are in the end.
        pause: Seconds, at most, from a random number of finished rows to the kill.
        start_up: The same from the start of the first attempt.
        seed: Of the moments.
    """
    moments = random.Random(seed)
    out = root / "killed"
    counts = sorted(moments.choices(range(1, rows * 5 // 6), k=KILLS - 1))
    for count in (0, *counts):
        seconds = moments.uniform(0, pause if count else max(pause, start_up))
        _kill_after(_start(work, out), out, count, seconds)
        print(finished(out), flush=True)
    for name in ("killed", "undisturbed"):
        _, status = os.waitpid(_start(work, root / name), 0)
        assert status == 0, f"the run `{name}` ended with status {status}"


def finished(out: Path) -> int:
    """Whole lines that are in the run's samples."""
    return sum(path.read_bytes().count(b"\n") for path in out.glob("samples/*.jsonl"))


def runs_of(program: str, root: Path, *arguments: object, rows: int) -> list[list[Completion]]:
    """Run a program that calls `survive` and return both runs; some kills were in the midst."""
    done = subprocess.run(
        [sys.executable, "-m", program, *map(str, arguments), root],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        timeout=120 * KILLS,
        check=True,
    )
    seen = [int(count) for count in done.stdout.split()]
    assert len(seen) == KILLS
    amid = [count for count in seen if 0 < count < rows]
    assert amid, f"every kill came too early or too late: {seen}"
    print(f"{program}: {KILLS} kills, {len(amid)} of them after some and before all of {rows} rows")
    runs = [rows_in(root / name) for name in ("killed", "undisturbed")]
    for run in runs:
        assert len({row.key for row in run}) == len(run) == rows
    return runs


def rows_in(run: Path) -> list[Completion]:
    """All rows of the one stream in a run directory, in order of key; a repeated key is refused."""
    (path,) = (run / "samples").glob("*.jsonl")
    with Shard(path, Completion) as shard:
        return sorted(shard.rows(), key=lambda row: row.key)


def _start(work: Callable[[Path], object], out: Path) -> int:
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work(out)
            status = 0
        finally:
            os._exit(status)
    return child


def _kill_after(child: int, out: Path, rows: int, seconds: float) -> None:
    """Kill `child` some `seconds` after `rows` rows are finished, or when it has ended."""
    while finished(out) < rows:
        if os.waitpid(child, os.WNOHANG) != (0, 0):
            return
        time.sleep(0.002)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
