"""One process of a training that a test starts: `worker.py OUT [STEP]`, ended hard at STEP.

After the last file is written the process leaves by `os._exit`: with gloo, tearing the group down
sometimes aborts a process that has done its work.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from cotkd.students.load import Student
from cotkd.training.settings import Training
from cotkd.training.trainer import train
from tests.training.arms import examples, student

SETTINGS = Training(
    precision="float32",
    epochs=3,
    batch_size=8,
    learning_rate=1e-4,
    eval_every=1,
    save_every=2,
    log_every=1,
)
COUNT = 20
NAMES = ("llama", "t5")


def run(name: str, out: Path | None, *, die_at: int | None = None) -> Student:
    """Train one student; the process ends without a word when it is scored at step `die_at`."""
    learner = student(name, **({} if name == "llama" else {"dropout_rate": 0.0}))
    scored: list[int] = []

    def score(_: Student) -> float:
        scored.append(1)
        if len(scored) == die_at:
            os._exit(9)
        return float(len(scored))

    train(learner, examples(COUNT, learner.architecture), SETTINGS, out=out, dev=score)
    return learner


def main() -> None:
    """Train a student of each architecture into `OUT/NAME`."""
    out = Path(sys.argv[1])
    die_at = int(sys.argv[2]) if len(sys.argv) > 2 else None
    for name in NAMES:
        run(name, out / name, die_at=die_at)
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
