"""Processes that compare mathematical texts, so that a hanging one can be killed alone.

    pool = Pool(workers=2, seconds=5.0, memory=2 << 30)
    pool.ask("$\\\\frac{1}{2}$", "$0.5$", decimals=6)     # {"status": "correct", …}
    pool.close()

At most `workers` comparisons run at a time. One that has not answered after `GRACE` lends its
place to the next, so that a hanging input delays no other; it goes on in its own process until the
limit, and there are processes in reserve for that. `ask` may be called from any thread, `close`
too, while others ask.
"""

from __future__ import annotations

import atexit
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from cotkd.errors import EngineError

GRACE = 0.25
"""Seconds after which a comparison lends its place to the next one."""
PATIENCE = 10
"""How many times the limit of its computing a comparison may take by the clock."""
SAFETY = 10.0
"""Seconds beyond the limit after which the processes themselves are given up."""

Answer = dict[str, Any]


class Pool:
    """Worker processes of one parent process; closed by hand, or when Python ends."""

    def __init__(self, workers: int, seconds: float, memory: int) -> None:
        self.places = 2 * workers + 2
        """Processes there are: those at work, and a reserve for those that hang."""
        self._seconds = seconds
        self._turns = threading.Semaphore(workers)
        self._closed = threading.Event()
        self._closing = threading.Lock()
        self._free: queue.LifoQueue[socket.socket] = queue.LifoQueue()
        pairs = [socket.socketpair() for _ in range(self.places)]
        self._ours = [ours for ours, _ in pairs]
        self._process = _start(seconds, memory, [theirs for _, theirs in pairs])
        for _, theirs in pairs:
            theirs.close()
        for ours in self._ours:
            self._free.put(ours)

    @property
    def closed(self) -> bool:
        """Whether the processes are gone."""
        return self._closed.is_set()

    def ask(self, gold: str, text: str, decimals: int) -> Answer:
        """Return status, extracted and expected, or status unparsed with its reason."""
        line = json.dumps({"gold": gold, "text": text, "decimals": decimals}).encode() + b"\n"
        self._turns.acquire()
        lent = False
        place = self._free.get()
        try:
            place.settimeout(GRACE)
            place.sendall(line)
            try:
                return _line(place)
            except TimeoutError:
                self._turns.release()
                lent = True
            place.settimeout(PATIENCE * self._seconds + SAFETY)
            return _line(place)
        except (OSError, ValueError):
            reason = "verifier closed" if self.closed else "worker stopped"
            self.close()
            return {"status": "unparsed", "reason": reason}
        finally:
            self._free.put(place)
            if not lent:
                self._turns.release()

    def close(self) -> None:
        """End the processes and wait for them; those who still ask get an unparsed verdict."""
        with self._closing:
            if self.closed:
                return
            self._closed.set()
        for ours in self._ours:
            _shut(ours)
        self._process.terminate()
        try:
            self._process.wait(SAFETY)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        for ours in self._ours:
            ours.close()


def _start(seconds: float, memory: int, theirs: list[socket.socket]) -> subprocess.Popen[bytes]:
    """Start the script and wait until it has loaded sympy."""
    descriptors = [end.fileno() for end in theirs]
    worker = Path(__file__).with_name("math_worker.py")
    shared = ",".join(map(str, descriptors))
    limits = [str(seconds), str(PATIENCE * seconds), str(memory)]
    process = subprocess.Popen(
        # -P: a script's own folder is not where modules are looked for
        [sys.executable, "-P", str(worker), *limits, shared],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=descriptors,
        start_new_session=True,
    )
    assert process.stdout is not None
    with process.stdout as said:
        if said.readline() != b"ready\n":
            process.wait()
            raise EngineError("verifier math could not start: is math-verify installed?")
    return process


def _line(place: socket.socket) -> Answer:
    """Read one JSON line; answers are short, so most come in one piece."""
    read = b""
    while not read.endswith(b"\n"):
        piece = place.recv(65536)
        if not piece:
            raise ConnectionError
        read += piece
    answer: Answer = json.loads(read)
    return answer


def _shut(place: socket.socket) -> None:
    try:
        place.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


_pools: dict[tuple[int, int, float, int], Pool] = {}
_lock = threading.Lock()


def pool(workers: int, seconds: float, memory: int) -> Pool:
    """Return this process's pool of those settings, started where there is none."""
    key = (os.getpid(), workers, seconds, memory)
    with _lock:
        found = _pools.get(key)
        if found is None or found.closed:
            found = _pools[key] = Pool(workers, seconds, memory)
        return found


def close_pools() -> None:
    """End every pool of this process; a later comparison starts a new one."""
    with _lock:
        mine = [key for key in _pools if key[0] == os.getpid()]
        found = [_pools.pop(key) for key in mine]
    for each in found:
        each.close()


atexit.register(close_pools)
