"""Sampling as a Ray Data job: the rows of one process, also when a worker is killed."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from cotkd.decoding.sampling import Sampling
from cotkd.errors import EngineError, SettingError
from cotkd.teachers.base import Teacher
from cotkd.teachers.elicitation import Plain
from cotkd.teachers.ray import RayTeacher
from cotkd.teachers.sample import sample
from cotkd.teachers.sampler import Sampler
from cotkd.teachers.transformers import TransformersTeacher
from cotkd.types import Question
from tests.tiny import CORPUS, build_tokenizer, save, tiny_llama

pytestmark = pytest.mark.skipif(
    "ray" not in os.environ.get("COTKD_REQUIRE", "").split(","),
    reason="starts a Ray cluster: COTKD_REQUIRE=ray runs it",
)
ROOT = Path(__file__).resolve().parents[2]
QUESTIONS = [Question(id=f"q{i}", text=CORPUS[0][: 20 + i], answer="1") for i in range(24)]
SAMPLING = Sampling(max_tokens=12)


@pytest.fixture(scope="module")
def teacher(tmp_path_factory):
    folder = save(tmp_path_factory.mktemp("model") / "llama", tiny_llama(), build_tokenizer())
    return TransformersTeacher(model=str(folder), batch_tokens=300)


@pytest.fixture(scope="module")
def cluster(teacher):
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    with RayTeacher(teacher=teacher, workers=2, cpus=0.5).open() as engine:
        yield engine


def model_workers():
    """Process ids of Ray's workers that hold a model."""
    found = subprocess.run(
        ["pgrep", "-f", "ray::.*MapWorker"], stdout=subprocess.PIPE, text=True, check=False
    )
    return [int(pid) for pid in found.stdout.split()]


def texts(rows):
    """Keys and texts: another number of threads may move the last digits of a log-probability."""
    return [(row.key, row.text, row.finish_reason) for row in rows]


def test_two_workers_write_the_rows_of_one_process_though_one_is_killed(cluster, teacher):
    expected = sample(QUESTIONS, teacher, n=4, sampling=SAMPLING)
    killed = []

    held = {}

    class Rows:
        """Kills a worker as soon as the first rows have come back."""

        def __init__(self):
            self.kept = {}

        def append(self, rows):
            if not killed and (pids := model_workers()):
                os.kill(pids[0], signal.SIGKILL)
                killed.append(pids[0])
            for row in rows:
                assert row.key not in self.kept
                self.kept[row.key] = row

        def rows(self):
            return iter(self.kept.values())

        def __contains__(self, key):
            return key in self.kept

    sampler = Sampler(
        cluster,
        QUESTIONS,
        n=4,
        rows=lambda name: held.setdefault(name, Rows()),
        sampling=SAMPLING,
        elicitation=Plain(),
    )
    tally = sampler.run()
    assert killed, "no worker was there to be killed"
    assert (tally.made, tally.failed) == (96, 0)
    assert texts(sampler.rows()) == texts(expected)
    for found, row in zip(sampler.rows(), expected, strict=True):
        assert found.logprob == pytest.approx(row.logprob, abs=1e-3)


def test_a_run_begun_alone_is_finished_by_workers(cluster, teacher, tmp_path):
    some = sample(QUESTIONS[:5], teacher, n=2, sampling=SAMPLING, out=tmp_path / "run")
    rows = sample(QUESTIONS[:8], cluster, n=2, sampling=SAMPLING, out=tmp_path / "run")
    assert [row for row in rows if row.question_id in {"q0", "q1", "q2", "q3", "q4"}] == some
    assert len(rows) == 16


def test_what_a_worker_cannot_do_ends_in_one_line():
    with pytest.raises(EngineError, match=r"ray: .*no-such-model"):
        RayTeacher(teacher=TransformersTeacher(model="no-such-model/x")).open()


def test_pools_and_scripts_are_not_spread():
    for kind in ("pool", "scripted"):
        inner = Teacher.of(kind).model_construct(kind=kind)
        with pytest.raises(SettingError, match=f"cannot spread kind '{kind}'"):
            RayTeacher.model_construct(teacher=inner).open()
