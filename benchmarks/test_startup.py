"""Start-up: a new interpreter that imports the package, and one that prints the help."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("arguments", [["-c", "import cotkd"], ["-m", "cotkd", "--help"]], ids=str)
def test_startup(benchmark, arguments: list[str]) -> None:
    done = benchmark.pedantic(
        subprocess.run,
        ([sys.executable, *arguments],),
        {"capture_output": True, "check": True},
        rounds=10,
        warmup_rounds=1,
    )
    assert done.returncode == 0
