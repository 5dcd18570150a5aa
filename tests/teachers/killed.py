"""Program of `test_kill`: sample under `kill -9` until it is done, and once undisturbed.

Arguments: model folder, folder for the two runs, seed of the moments. Prints the number of finished
rows after each kill. The children are forked, so that torch is imported once; one thread each.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path

import torch

from cotkd.teachers.sample import sample
from cotkd.teachers.sampling import Sampling
from cotkd.teachers.transformers import TransformersTeacher
from cotkd.types import Question
from tests.tiny import CORPUS

QUESTIONS = [Question(id=f"q{i}", text=CORPUS[0][: 20 + i], answer="1") for i in range(24)]


def start(model: str, out: Path) -> int:
    """Fork a process that samples into `out`, and return its id."""
    child = os.fork()
    if child == 0:
        teacher = TransformersTeacher(model=model, batch_tokens=500)
        sample(QUESTIONS, teacher, n=4, sampling=Sampling(max_tokens=16), out=out)
        os._exit(0)
    return child


def finished(out: Path) -> int:
    """Whole lines that are in the run's samples."""
    return sum(path.read_bytes().count(b"\n") for path in out.glob("samples/*.jsonl"))


def kill_after(child: int, out: Path, rows: int, seconds: float) -> None:
    """Kill `child` some `seconds` after `rows` rows are finished, or when it has ended."""
    while finished(out) < rows:
        if os.waitpid(child, os.WNOHANG) != (0, 0):
            return
        time.sleep(0.001)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def main(model: str, root: Path, seed: int) -> None:
    torch.set_num_threads(1)
    moments = random.Random(seed)
    for rows in (0, *sorted(moments.sample(range(1, 80), 4))):
        kill_after(start(model, root / "killed"), root / "killed", rows, moments.uniform(0, 0.03))
        sys.stdout.write(f"{finished(root / 'killed')}\n")
    for name in ("killed", "undisturbed"):
        _, status = os.waitpid(start(model, root / name), 0)
        assert status == 0


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
