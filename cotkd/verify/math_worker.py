r"""The process that does symbolic mathematics, and dies of it where it must.

    <- {"gold": "$\\frac{1}{2}$", "text": "$0.5$", "decimals": 6}
    -> {"status": "correct", "extracted": "1/2", "expected": "1/2"}

Run as a script, never imported by the rest: one parent loads sympy once and forks a child for each
socket it was given. A child reads one JSON line, answers with one, and arms timers of the kernel
before every task: an input on which sympy hangs, even inside one long multiplication, kills its
child and nothing else. The parent then forks the next child within milliseconds, and that answers
for the dead one. No text is evaluated as Python: LaTeX goes through the grammar of
latex2sympy2-extended, which math-verify wraps.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any

RECYCLE = 75
"""Exit code of a child that has done `TASKS` tasks and makes room for a fresh one."""
TASKS = 5_000
"""Tasks of one child, so that what sympy remembers stays bounded."""
MAX_SHOWN = 200
"""Characters of an answer that are sent back."""

TIMERS = {signal.SIGPROF, signal.SIGALRM}
"""What ends a child: so much computing, or so much time."""
SIGNALS = {signal.SIGCHLD, signal.SIGTERM}
"""What the parent waits for."""

_WARM = (
    r"\frac{3}{4}", r"2\sqrt{3}", "(1, 2)", "[0, 5)", "x = 3", r"\{1, 2\}", "x^2+3x+1", "3+2i",
    r"5\%", r"1.5\times 10^{3}", r"\frac{\pi}{2}", r"90^\circ", r"\text{(A)}", "x<5", r"10!",
    r"x \in [1,2] \cup (3,\infty)", r"\begin{pmatrix}1\\2\end{pmatrix}", r"\sin(x)", r"\log_2 8",
    r"e^{x}", r"|x|", r"\binom{5}{2}", r"a_n", r"3 \cdot 4", r"x \le 5",
)  # fmt: skip
"""Parsed before the first fork: the grammar learns its tables once, for all children."""

Compare = Callable[[str, str, int], dict[str, Any]]


def main(seconds: float, patience: float, memory: int, descriptors: list[int]) -> None:
    """Fork a child for each socket, and another one for each that dies, until all are closed."""
    compare = comparer()
    # Waited for rather than handled: a child is only ever reaped here, so no pid is killed twice.
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    children: dict[int, int] = {}

    def fork(descriptor: int, reason: str | None) -> None:
        child = os.fork()
        if child:
            children[child] = descriptor
            return
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        for other in descriptors:
            if other != descriptor:
                os.close(other)
        os._exit(serve(descriptor, compare, (seconds, patience), memory, reason))

    for descriptor in descriptors:
        fork(descriptor, None)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while children:
        if signal.sigwait(SIGNALS) == signal.SIGTERM:
            for child in children:
                os.kill(child, signal.SIGKILL)
            for child in children:
                os.waitpid(child, 0)
            return
        for child, status in _dead(children):
            descriptor = children.pop(child)
            if os.WIFSIGNALED(status) or os.WEXITSTATUS(status):
                fork(descriptor, _reason(status))


def _dead(children: dict[int, int]) -> list[tuple[int, int]]:
    """Return the children that have ended, with their status; one signal may stand for several."""
    waited = [os.waitpid(child, os.WNOHANG) for child in children]
    return [(child, status) for child, status in waited if child]


def _reason(status: int) -> str | None:
    """Return what to answer for a dead child; None for one that left after its work."""
    if not os.WIFSIGNALED(status):
        return None if os.WEXITSTATUS(status) == RECYCLE else "worker stopped"
    return "time limit" if os.WTERMSIG(status) in TIMERS else "worker stopped"


def serve(
    descriptor: int, compare: Compare, limits: tuple[float, float], memory: int, reason: str | None
) -> int:
    """Answer the lines of one socket until it is closed; `reason` answers for a dead child."""
    for timer in TIMERS:
        signal.signal(timer, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with socket.socket(fileno=descriptor) as connection, connection.makefile("rb") as lines:
        if reason is not None:
            _send(connection, {"status": "unparsed", "reason": reason})
        for _ in range(TASKS):
            line = lines.readline()
            if not line:
                return 0
            _arm(*limits)
            answer = _answer(json.loads(line), compare)
            _arm(0, 0)
            _send(connection, answer)
    return RECYCLE


def _arm(seconds: float, patience: float) -> None:
    """End this child after so many seconds of computing, or of waiting for it; 0 disarms.

    What counts is computing, so that a verdict does not depend on what else the machine does.
    """
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, patience)


def _answer(task: dict[str, Any], compare: Compare) -> dict[str, Any]:
    try:
        return compare(task["gold"], task["text"], task["decimals"])
    except MemoryError:
        return {"status": "unparsed", "reason": "memory limit"}
    except RecursionError:
        return {"status": "unparsed", "reason": "nested too deeply"}
    except Exception as error:  # noqa: BLE001  (whatever sympy raises on hostile input is a verdict)
        return {"status": "unparsed", "reason": f"not comparable ({type(error).__name__})"}


def _send(connection: socket.socket, answer: dict[str, Any]) -> None:
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.sendall(json.dumps(answer).encode() + b"\n")


def comparer() -> Compare:
    """Load math-verify, warm its grammar up, and return the comparison of two LaTeX texts."""
    logging.disable(logging.CRITICAL)
    from math_verify import LatexExtractionConfig, parse, verify

    rules = [LatexExtractionConfig()]

    def read(latex: str) -> list[Any]:
        return parse(latex, rules, fallback_mode="no_fallback", parsing_timeout=None)

    def compare(gold: str, text: str, decimals: int) -> dict[str, Any]:
        expected = read(gold)
        if not expected:
            return {"status": "unparsed", "reason": "gold answer not readable"}
        shown = _shown(expected)
        found = read(text)
        if not found:
            return {"status": "unparsed", "expected": shown, "reason": "not readable as math"}
        same = verify(expected, found, float_rounding=decimals, timeout_seconds=None)
        status = "correct" if same else "wrong"
        return {
            "status": status,
            "extracted": shown if same else _shown(found),
            "expected": shown,
        }

    for latex in _WARM:
        compare(f"${latex}$", f"${latex}+1$", 6)
    return compare


def _shown(expressions: list[Any]) -> str:
    value = expressions[0]
    if getattr(value, "is_Float", False):
        return f"{float(value):.15g}"
    return str(value)[:MAX_SHOWN]


if __name__ == "__main__":
    _, given, waited, space, sockets = sys.argv
    main(float(given), float(waited), int(space), [int(part) for part in sockets.split(",")])
