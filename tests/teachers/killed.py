"""Program of `test_kill`: a local model samples under `kill -9`. Arguments: model folder, root."""

from __future__ import annotations

import sys
from pathlib import Path

import torch

from cotkd.decoding.sampling import Sampling
from cotkd.teachers.sample import sample
from cotkd.teachers.transformers import TransformersTeacher
from cotkd.types import Question
from tests.kills import KILLS, survive
from tests.tiny import CORPUS

QUESTIONS = [
    Question(id=f"q{i}", text=CORPUS[0][: 20 + i % 24] + f" {i}", answer="1")
    for i in range(max(24, 4 * KILLS))
]
N = 4


def main(model: str, root: Path) -> None:
    torch.set_num_threads(1)

    def work(out: Path) -> None:
        teacher = TransformersTeacher(model=model, batch_tokens=500)
        sample(QUESTIONS, teacher, n=N, sampling=Sampling(max_tokens=16), out=out)

    survive(work, root, rows=len(QUESTIONS) * N, pause=0.03)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
