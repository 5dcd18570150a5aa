"""A real vLLM server on a free loopback port, for tests of everything that speaks to one.

    with vllm_server() as server:
        OpenAI(base_url=server.url, api_key="none").completions.create(model=server.model, …)
        server.kill_engine()           # SIGKILL to what holds the model, as a crash would

Starting takes 20-70 seconds, nearly all of it imports in three processes: use the fixture
`vllm_server` of `conftest.py` (one server for a module) unless the server is to be killed.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NamedTuple

from cotkd.decoding.checkpoints import locate_model

READY_SECONDS = 600.0  # on a busy machine; 20 to 70 on a quiet one

CPU = {
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    "OMP_NUM_THREADS": "1",
    "TORCHDYNAMO_DISABLE": "1",  # the first log-probabilities would wait 20 s for a compiler
    "VLLM_NO_USAGE_STATS": "1",
    "HF_HUB_OFFLINE": "1",
}
FLAGS = (
    "--dtype=float32",
    "--no-enable-chunked-prefill",
    "--enforce-eager",
    "--max-model-len=512",
    "--max-num-seqs=64",
)


class Server(NamedTuple):
    """A server that answers."""

    url: str
    """Base URL with `/v1`, as clients take it."""
    model: str
    """Name that it serves its model under."""
    process: subprocess.Popen[bytes]
    """The API process, leader of a session of its own."""

    def engine_processes(self) -> list[int]:
        """Return the ids of the server's other processes: engine core and workers."""
        return [pid for pid in _members(self.process.pid) if pid != self.process.pid]

    def kill_engine(self) -> None:
        """Kill the engine and its workers at once, as a crash or the kernel would."""
        for pid in self.engine_processes():
            os.kill(pid, signal.SIGKILL)


@contextmanager
def vllm_server(model: str = "microgsm-teacher", *flags: str) -> Iterator[Server]:
    """Start a server of `model`, wait until it answers, and end all its processes afterwards.

    Args:
        model: Embedded model or folder; the name that it is served under.
        flags: More arguments of the server, such as `--port=8123` to come back where one was.
    """
    given = [int(flag.removeprefix("--port=")) for flag in flags if flag.startswith("--port=")]
    port = given[0] if given else free_port()
    command = [sys.executable, "-m", "vllm.entrypoints.openai.api_server"]
    command += ["--model", locate_model(model), "--served-model-name", model]
    command += ["--host=127.0.0.1", f"--port={port}", *FLAGS, *flags]
    with TemporaryFile() as log:
        process = subprocess.Popen(
            command, env=CPU | os.environ, stdout=log, stderr=log, start_new_session=True
        )
        try:
            _wait(f"http://127.0.0.1:{port}/health", process, log)
            yield Server(f"http://127.0.0.1:{port}/v1", model, process)
        finally:
            _end(process)


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str, process: subprocess.Popen[bytes], log: IO[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}:\n{_tail(log)}")
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"the server is not ready after {READY_SECONDS:.0f} s:\n{_tail(log)}")


def _tail(log: IO[bytes], size: int = 3000) -> str:
    log.seek(0)
    return log.read()[-size:].decode(errors="replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the whole group: without its API process the engine would live on."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + 10
    while _members(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)


def _members(group: int) -> list[int]:
    """Return the ids of the living processes of a process group."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, pgrp = path.read_text().rpartition(")")[2].split()[:3]
        except OSError:  # it has just ended
            continue
        if int(pgrp) == group and state != "Z":
            found.append(int(path.parent.name))
    return sorted(found)
