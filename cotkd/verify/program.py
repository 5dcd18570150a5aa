r"""A Python rationale, run in a process of its own; what it gives is compared as a number.

    text  "```python\ndef solution():\n    return 3 * 4\n```"     gold "12"   → correct
    text  "eggs = 3 * 4\nanswer = eggs - 2\n"                      gold "10"   → correct
    text  "print(3 * 4)"                                           gold "12"   → correct

Nothing runs unless it is asked for twice: `kind: program` and `allow_execution: true`. The program
gets a fresh interpreter without site-packages, an empty environment, an empty temporary folder,
limits on time, memory, files and output, and, where the kernel lets it, no network and no further
processes.

**What this does not stop**: the program may read every file that you may read, and may write where
you may write (files of at most a megabyte); where user namespaces are off it may reach the
network; run as root it may start processes. Run models that you do not trust in a container.

The answer is what `solution()` returns, else the variable `answer`, `ans` or `result`, else the
last line that was printed. Source: Gao et al. 2022, arXiv 2211.10435; Chen et al. 2022, 2211.12588.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple

from pydantic import Field

from cotkd.rationales.text import MAX_TEXT, Reading
from cotkd.types import Verdict
from cotkd.verify.base import Verifier
from cotkd.verify.numeric import Numeric

MAX_OUTPUT = 65_536
"""Bytes of output that are read; a program that prints more is ended."""

_FENCE = re.compile(r"```[ \t]*(?:python|py|python3)?[ \t]*\n(.*?)(?:\n[ \t]*```|\Z)", re.DOTALL)
_CODE = re.compile(r"^(?:def |import |from |print\(|[A-Za-z_]\w*[ \t]*=[^=])", re.MULTILINE)


class Outcome(NamedTuple):
    """What a program gave: its answer as text, or why there is none."""

    answer: str | None
    reason: str


class Program(Verifier):
    """The answer that a Python rationale computes; runs model text, so off unless allowed."""

    title: ClassVar[str] = "a Python rationale, run with limits; off unless allowed"
    source: ClassVar[str] = "Gao et al. 2022, arXiv 2211.10435"

    kind: Literal["program"] = "program"
    allow_execution: bool = False
    """Must be true for anything to run; read in the documentation what is not stopped."""
    seconds: float = Field(5.0, gt=0, le=600)
    """Time limit, of the clock and of the processor."""
    memory_mb: int = Field(512, ge=64)
    """Memory limit."""
    tolerance: float = Field(1e-9, ge=0, lt=1)
    """Accepted difference relative to the gold answer; programs compute with floats."""

    def verify(self, text: str, gold: str) -> Verdict:
        """Return the verdict on what the program in `text` computes."""
        if not self.allow_execution:
            return Verdict(status="unparsed", reason="execution is off: set allow_execution")
        code = program_of(text)
        if code is None:
            return Verdict(status="unparsed", reason="no program found")
        outcome = run(code, self.seconds, self.memory_mb << 20)
        if outcome.answer is None:
            return Verdict(status="unparsed", reason=outcome.reason)
        numeric = Numeric(markers=("number",), tolerance=self.tolerance)
        verdict = numeric.verify(_PYTHON.get(outcome.answer, outcome.answer), gold)
        return verdict.model_copy(update={"reason": outcome.reason})

    def locate(self, text: str) -> tuple[int, int] | None:
        """Return None: a program states its answer by computing it."""
        return None


_PYTHON = {"True": "1", "False": "0", "None": ""}
"""Values of Python that are no numbers when printed."""


def program_of(text: str) -> str | None:
    """Return the Python program in `text`: its fenced blocks together, or the text as it is."""
    reading = Reading(text) if len(text) <= MAX_TEXT else None
    if reading is None:
        return None
    body = text[reading.start : reading.end]
    blocks = _FENCE.findall(body)
    if blocks:
        return "\n".join(blocks)
    return body if _CODE.search(body) else None


def run(code: str, seconds: float, memory: int) -> Outcome:
    """Run a program and return its answer, or the reason why there is none."""
    runner = Path(__file__).with_name("program_runner.py")
    with tempfile.TemporaryDirectory(prefix="cotkd-program-") as folder:
        script = Path(folder) / "program.py"
        script.write_text(code, encoding="utf-8", errors="replace")
        with subprocess.Popen(
            [sys.executable, "-I", "-S", str(runner), str(script), str(seconds), str(memory)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env={},
            start_new_session=True,
        ) as process:
            return _outcome(process, seconds)


def _outcome(process: subprocess.Popen[bytes], seconds: float) -> Outcome:
    """Read what the process says, and end it with all it started."""
    late = threading.Event()
    start = time.monotonic()

    def end() -> None:
        late.set()
        _kill(process)

    timer = threading.Timer(seconds + 0.5, end)
    timer.start()
    try:
        assert process.stdout is not None
        said = process.stdout.read(MAX_OUTPUT + 1)
    finally:
        timer.cancel()
        timer.join()
        _kill(process)
    code = process.wait()
    # At the limit of processor time a kernel sends SIGXCPU, some send SIGKILL at once.
    spent = code < 0 and time.monotonic() - start >= 0.9 * seconds
    if late.is_set() or spent or code == -signal.SIGXCPU:
        return Outcome(None, "time limit")
    if len(said) > MAX_OUTPUT:
        return Outcome(None, "too much output")
    return _answer(said.decode("utf-8", "replace"), code)


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _answer(said: str, code: int) -> Outcome:
    lines = said.rstrip("\n").split("\n")
    origin, _, answer = lines[-1].partition(" ")
    if origin in ("solution()", "variable"):
        return Outcome(answer, origin)
    if origin == "error":
        return Outcome(None, f"program raised {answer}")
    if origin != "printed":
        return Outcome(None, "program stopped")
    printed = next((line for line in reversed(lines[:-1]) if line.strip()), None)
    return Outcome(printed, "program gave no answer" if printed is None else origin)
