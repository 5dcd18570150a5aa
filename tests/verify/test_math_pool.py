"""The pool answers every question, whatever becomes of its processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import psutil
import pytest

from cotkd.verify.math_pool import Answer, Pool

HANGING = "$9^{9^{9^{9}}}$"


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    pool = Pool(workers=1, seconds=1.5, memory=1 << 30)
    yield pool
    pool.close()


def _in_thread(pool: Pool, text: str, answers: list[Answer]) -> threading.Thread:
    thread = threading.Thread(target=lambda: answers.append(pool.ask("$3$", text, 6)))
    thread.start()
    return thread


def test_one_worker_answers_others_while_one_hangs(pool: Pool) -> None:
    answers: list[Answer] = []
    thread = _in_thread(pool, HANGING, answers)
    time.sleep(0.1)
    assert pool.ask("$3$", r"$\sqrt{9}$", 6)["status"] == "correct"
    assert not answers  # the first one still hangs
    thread.join()
    assert answers == [{"status": "unparsed", "reason": "time limit"}]


def test_a_killed_worker_is_replaced(pool: Pool) -> None:
    answers: list[Answer] = []
    thread = _in_thread(pool, HANGING, answers)
    time.sleep(0.3)
    assert pool._process is not None
    parent = psutil.Process(pool._process.pid)
    busiest = max(parent.children(), key=lambda child: sum(child.cpu_times()[:2]))
    os.kill(busiest.pid, signal.SIGKILL)
    thread.join()
    assert answers == [{"status": "unparsed", "reason": "worker stopped"}]
    for _ in range(2 * pool.places):
        assert pool.ask("$3$", "$3$", 6)["status"] == "correct"


def test_closing_while_others_ask_answers_them_and_leaves_no_process(pool: Pool) -> None:
    answers: list[Answer] = []
    threads = [_in_thread(pool, HANGING, answers) for _ in range(3)]
    time.sleep(0.3)
    assert pool._process is not None
    parent = psutil.Process(pool._process.pid)
    everyone = [parent, *parent.children()]
    closers = [threading.Thread(target=pool.close) for _ in range(3)]
    for thread in closers:
        thread.start()
    for thread in (*closers, *threads):
        thread.join()
    assert {answer["status"] for answer in answers} == {"unparsed"}
    assert len(answers) == 3
    assert len(everyone) > 1
    assert not [process for process in everyone if process.is_running()]


def test_workers_of_a_killed_parent_end() -> None:
    script = (
        "from cotkd.verify.math_pool import Pool\n"
        "import time\n"
        "pool = Pool(1, 1.0, 1 << 30)\n"
        "print(pool._process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    workers = psutil.Process(int(parent.stdout.readline()))
    everyone = [workers, *workers.children()]
    assert len(everyone) == 5
    parent.kill()
    parent.wait()
    parent.stdout.close()
    _, alive = psutil.wait_procs(everyone, timeout=5)
    assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]
