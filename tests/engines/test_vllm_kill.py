"""`kill -9` at random moments of sampling with vLLM, then the same call again."""

from __future__ import annotations

import pytest

from tests.engines import killed
from tests.kills import runs_of

pytestmark = [pytest.mark.vllm, pytest.mark.usefixtures("vllm")]


def test_killed_and_repeated_sampling_ends_with_next_to_all_undisturbed_texts(tmp_path):
    rows = len(killed.QUESTIONS) * killed.N
    found, expected = runs_of("tests.engines.killed", tmp_path, rows=rows)
    assert [row.key for row in found] == [row.key for row in expected]
    equal = sum(one.text == other.text for one, other in zip(found, expected, strict=True))
    print(f"{equal} of {rows} texts equal to the undisturbed run's")
    assert equal >= 0.99 * rows
