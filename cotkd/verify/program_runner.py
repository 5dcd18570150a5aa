"""Runs one program file under limits and says last where its answer is; started by `program`.

    python -I -S program_runner.py FILE SECONDS MEMORY

The last line it prints is `solution() VALUE`, `variable VALUE`, `printed` (the line before it is
the answer) or `error NAME`. It imports nothing of the package and is never imported by it.
"""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import resource
import runpy
import sys

MAX_FILE = 1 << 20
"""Bytes of a file that a program may write."""
NAMES = ("answer", "ans", "result")
"""Variables that hold an answer, in this order."""

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000


def main(path: str, seconds: float, memory: int) -> None:
    """Set the limits, run the file, and print where its answer is."""
    confine(seconds, memory)
    try:
        last = found(runpy.run_path(path, run_name="__main__"))
    except SystemExit:
        last = "printed"
    except BaseException as error:  # noqa: BLE001  (whatever the program raises is its outcome)
        last = f"error {type(error).__name__}"
    sys.stdout.write(f"\n{last}\n")
    sys.stdout.flush()
    os._exit(0)  # threads and exit handlers of the program get no say


def confine(seconds: float, memory: int) -> None:
    """Take away what can be taken: time, memory, big files, processes, the network."""
    limits = {
        resource.RLIMIT_CPU: math.ceil(seconds),
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_FSIZE: MAX_FILE,
        resource.RLIMIT_NOFILE: 32,
        resource.RLIMIT_CORE: 0,
    }
    for name, limit in limits.items():
        # One second more until the kernel kills: the signal at the first limit says why.
        hard = limit + (name == resource.RLIMIT_CPU)
        resource.setrlimit(name, (limit, hard))
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).unshare(_NEW_USER | _NEW_NETWORK)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def found(names: dict[str, object]) -> str:
    """Return the line that says where the answer is."""
    solution = names.get("solution")
    if callable(solution):
        return f"solution() {line(solution())}"
    held = next((names[name] for name in NAMES if name in names), None)
    return "printed" if held is None else f"variable {line(held)}"


def line(value: object) -> str:
    """Return a value as one short line."""
    return " ".join(str(value).split())[:1000]


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))
