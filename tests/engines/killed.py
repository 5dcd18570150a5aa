"""Program of `test_vllm_kill`: sample with vLLM under `kill -9` until it is done, and undisturbed.

Arguments: folder for the two runs, seed of the moments. Prints the number of finished rows after
each kill. vLLM is imported once, before the children are forked; each child opens its own engine.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from pathlib import Path

from cotkd.questions.load import load_questions
from cotkd.teachers.sample import sample
from cotkd.teachers.sampling import Sampling
from cotkd.teachers.vllm import VllmTeacher
from cotkd.teachers.vllm_environment import prepare, silence

QUESTIONS = load_questions("microgsm:test")[:120]
N = 4


def start(out: Path) -> int:
    """Fork a process that samples into `out`, and return its id."""
    child = os.fork()
    if child == 0:
        options = {"enforce_eager": True, "max_num_seqs": 64}
        teacher = VllmTeacher(max_model_len=256, batch=16, options=options)
        sample(QUESTIONS, teacher, n=N, sampling=Sampling(max_tokens=48), out=out)
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
        time.sleep(0.002)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def main(root: Path, seed: int) -> None:
    silence()
    prepare(tensor_parallel=1)
    import vllm.entrypoints.llm
    import vllm.v1.worker.cpu_worker  # noqa: F401

    moments = random.Random(seed)
    for rows in (0, *sorted(moments.sample(range(1, len(QUESTIONS) * N - 64), 4))):
        pause = moments.uniform(0, 0.1) if rows else moments.uniform(0, 3)
        kill_after(start(root / "killed"), root / "killed", rows, pause)
        sys.stdout.write(f"{finished(root / 'killed')}\n")
        sys.stdout.flush()
    for name in ("killed", "undisturbed"):
        _, status = os.waitpid(start(root / name), 0)
        assert status == 0


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
