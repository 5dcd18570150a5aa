"""Program of `test_vllm_kill`: vLLM samples under `kill -9`. Argument: root.

vLLM is imported once, before the forks; each attempt opens an engine of its own.
"""

from __future__ import annotations

import sys
from pathlib import Path

from cotkd.decoding.sampling import Sampling
from cotkd.questions.load import load_questions
from cotkd.teachers.sample import sample
from cotkd.teachers.vllm import VllmTeacher
from cotkd.teachers.vllm_environment import prepare, silence
from tests.kills import survive

QUESTIONS = load_questions("microgsm:test")[:120]
N = 4


def work(out: Path) -> None:
    options = {"enforce_eager": True, "max_num_seqs": 64}
    teacher = VllmTeacher(max_model_len=256, batch=16, options=options)
    sample(QUESTIONS, teacher, n=N, sampling=Sampling(max_tokens=48), out=out)


def main(root: Path) -> None:
    silence()
    prepare(tensor_parallel=1)
    import vllm.entrypoints.llm
    import vllm.v1.worker.cpu_worker  # noqa: F401

    survive(work, root, rows=len(QUESTIONS) * N, pause=0.1, start_up=3.0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
