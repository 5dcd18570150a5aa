"""Program of `test_writer`: a student is sampled under `kill -9`. Arguments: kind, folder, root."""

from __future__ import annotations

import sys
from pathlib import Path

import torch

from cotkd.asking.writer import AS_TRAINED, Writer
from cotkd.decoding.sampling import Sampling
from cotkd.methods.base import Method
from cotkd.students.load import load_student
from cotkd.teachers.sample import sample
from cotkd.types import Question
from tests.kills import KILLS, survive

QUESTIONS = [
    Question(id=f"q{n}", text=f"Ann has {n} boxes of {n % 7} eggs.", answer="1")
    for n in range(max(24, 4 * KILLS))
]
N = 4


def main(kind: str, student: str, root: Path) -> None:
    torch.set_num_threads(1)
    prompting = Method.of(kind)().prompting
    load_student(student)  # what it imports is then there in every attempt

    def work(out: Path) -> None:
        writer = Writer(load_student(student), prompting, batch_tokens=400)
        sampling = Sampling(max_tokens=16)
        sample(QUESTIONS, writer, n=N, sampling=sampling, elicitation=AS_TRAINED, out=out)

    survive(work, root, rows=len(QUESTIONS) * N, pause=0.03)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
