"""`kill -9` at random moments of sampling with vLLM, then the same call again."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.engines import killed
from tests.teachers.test_kill import ROOT, rows_in

pytestmark = [pytest.mark.vllm, pytest.mark.usefixtures("vllm")]


def test_killed_and_repeated_sampling_ends_with_next_to_all_undisturbed_texts(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "tests.engines.killed", tmp_path, "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        timeout=400,
        check=True,
    )
    found, expected = (rows_in(tmp_path / name) for name in ("killed", "undisturbed"))
    keys = {(question.id, number) for question in killed.QUESTIONS for number in range(killed.N)}
    for rows in (found, expected):
        assert len(rows) == len(keys)
        assert {(row.question_id, row.sample_index) for row in rows} == keys
    equal = sum(one.text == other.text for one, other in zip(found, expected, strict=True))
    seen = [int(count) for count in done.stdout.split()]
    print(f"{equal} of {len(keys)} texts equal after kills at {seen} rows")
    assert equal >= 0.99 * len(keys)
    assert set(seen) - {0, len(keys)}, f"every kill came too early or too late: {seen}"
