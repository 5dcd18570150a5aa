"""Program of `test_kill`: the `openai` client under `kill -9`. Arguments: port of the server, root.

The server is another process and lives through it all.
"""

from __future__ import annotations

import sys
from pathlib import Path

from cotkd.decoding.sampling import Sampling
from cotkd.teachers.openai import OpenAITeacher
from cotkd.teachers.sample import sample
from cotkd.types import Question
from tests.kills import KILLS, survive

QUESTIONS = [
    Question(id=f"q{i}", text=f"what is {i}", answer=str(i)) for i in range(max(60, 12 * KILLS))
]
N = 4


def main(port: str, root: Path) -> None:
    def work(out: Path) -> None:
        quick = {"timeout": 3.0, "backoff": 0.02, "retries": 30, "concurrency": 8}
        teacher = OpenAITeacher(model="toy", base_url=f"http://127.0.0.1:{port}/v1", **quick)
        sample(QUESTIONS, teacher, n=N, sampling=Sampling(max_tokens=16), out=out)

    import openai  # noqa: F401  (once, before the forks)

    survive(work, root, rows=len(QUESTIONS) * N, pause=0.03)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
