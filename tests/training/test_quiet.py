"""A training that goes on says nothing that its user could not act on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = """
import sys
from pathlib import Path
from tests.training import worker
worker.run(sys.argv[1], Path(sys.argv[2]), die_at=int(sys.argv[3]) or None)
"""


def trained(name: str, out: Path, die_at: int) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, name, str(out), str(die_at)],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.mark.slow
def test_a_killed_training_goes_on_without_a_word(tmp_path: Path) -> None:
    """Tied weights are in a checkpoint once, which is no lack of the other ones."""
    out = tmp_path / "t5"
    assert trained("t5", out, 6).returncode == 9
    assert (tmp_path / "t5.training" / "checkpoint-4" / "complete.json").exists()
    again = trained("t5", out, 0)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert (out / "training.json").exists()
