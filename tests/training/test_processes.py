"""Trainings in processes of their own: several at once, and one that is killed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from cotkd.students.load import load_student
from tests.training import worker
from tests.training.arms import weights
from tests.training.steps import Outcome, assert_same

ROOT = Path(__file__).parents[2]
TORCHRUN = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]


def launch(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.mark.slow
def test_two_processes_train_what_one_trains(tmp_path: Path) -> None:
    done = launch(*TORCHRUN, str(ROOT / "tests/training/worker.py"), str(tmp_path))
    assert (tmp_path / "t5" / "training.json").exists(), done.stderr[-2000:]
    for name in worker.FAMILIES:
        stored = load_file(tmp_path / f"{name}.gradient")
        shared = Outcome(stored.pop("loss").item(), stored)
        assert_same(worker.first_step(name), shared, within=1e-6)
    for name in worker.NAMES:
        alone = weights(worker.run(name, None))
        together = weights(load_student(tmp_path / name))
        for weight, value in alone.items():
            torch.testing.assert_close(together[weight], value, rtol=0, atol=1e-5, msg=weight)


@pytest.mark.slow
def test_a_killed_training_goes_on_to_the_same_weights(tmp_path: Path) -> None:
    dead = launch(str(ROOT / "tests/training/worker.py"), str(tmp_path), "6")
    assert dead.returncode == 9, dead.stderr[-2000:]
    assert not (tmp_path / "llama").exists()
    assert (tmp_path / "llama.training" / "checkpoint-4" / "complete.json").exists()
    undisturbed = weights(worker.run("llama", None))
    resumed = weights(worker.run("llama", tmp_path / "llama"))
    for weight, value in undisturbed.items():
        torch.testing.assert_close(resumed[weight], value, rtol=0, atol=0, msg=weight)
