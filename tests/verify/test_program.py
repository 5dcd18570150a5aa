"""Programs run only where allowed, within limits, and give a verdict whatever they do."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from cotkd.verify import verify

ALLOWED = {"kind": "program", "allow_execution": True, "seconds": 1, "memory_mb": 128}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("```python\ndef solution():\n    return 3 * 4\n```", "solution()"),
        ("Let us compute.\n```\neggs = 3 * 4\nanswer = eggs\n```\nDone.", "variable"),
        ("eggs = 3 * 4\nresult = eggs / 1", "variable"),
        ("print('so')\nprint(3 * 4)", "printed"),
        ("```python\nx = 3\n```\nand then\n```python\nprint(x * 4)\n```", "printed"),
        ('def solution():\n    """How many?"""\n    return 0.1 * 120', "solution()"),
        ("import math\nprint(math.comb(12, 1))\nraise SystemExit", "printed"),
        ("from fractions import Fraction\nprint(Fraction(24, 2))", "printed"),
        ("print(12, end='')", "printed"),
    ],
)
def test_what_a_program_gives_is_its_answer(text: str, reason: str) -> None:
    verdict = verify(text, "12", ALLOWED)
    assert (verdict.status, verdict.reason) == ("correct", reason)
    assert verify(text, "13", ALLOWED).status == "wrong"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("I think it is 12.", "no program found"),
        ("x = 1 / 0", "program raised ZeroDivisionError"),
        ("x = = 3", "program raised SyntaxError"),
        ("x = 3", "program gave no answer"),
        ("x = 'a' * 10**10", "program raised MemoryError"),
        ("x = 1\nwhile True: print('x' * 1000)", "too much output"),
        ("x = 1\nimport os; os._exit(3)", "program stopped"),
        ("x = open('big', 'wb').write(b'0' * 10**8)", "program raised OSError"),
        ("x = 1\nimport numpy", "program raised ModuleNotFoundError"),
        ("def solution(): return None", "solution()"),
    ],
)
def test_a_program_without_an_answer_is_unparsed_and_says_why(text: str, reason: str) -> None:
    verdict = verify(text, "12", ALLOWED)
    assert (verdict.status, verdict.reason) == ("unparsed", reason)


@pytest.mark.parametrize(
    "text",
    [
        "x = 1\nwhile True: pass",
        "import time\ntime.sleep(60)",
        "x = 9 ** 9 ** 9",
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(60)",
    ],
)
def test_a_program_that_does_not_end_is_ended(text: str) -> None:
    start = time.perf_counter()
    assert verify(text, "12", ALLOWED).reason == "time limit"
    assert time.perf_counter() - start < 5


def test_nothing_runs_unless_allowed(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    text = f"open({str(trace)!r}, 'w').close()\nanswer = 12"
    assert verify(text, "12", "program").reason == "execution is off: set allow_execution"
    assert not trace.exists()
    assert verify(text, "12", ALLOWED).status == "correct"
    assert trace.exists()  # what the documentation says: files are not walled off


def test_the_environment_and_the_working_folder_are_empty() -> None:
    names = "[k for k in os.environ if k != 'LC_CTYPE']"
    text = f"import os\nanswer = len({names}) * 10 + len(os.listdir())"
    assert verify(text, "1", ALLOWED).status == "correct"  # the program itself lies in the folder
