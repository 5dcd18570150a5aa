"""`kill -9` at random moments of sampling, then the same call again: every row, and each once."""

from __future__ import annotations

from tests.kills import runs_of
from tests.teachers import killed
from tests.teachers.openai import killed as openai_killed
from tests.teachers.openai.fault_server import Elsewhere
from tests.tiny import build_tokenizer, save, tiny_llama


def test_killed_and_repeated_sampling_ends_with_the_undisturbed_rows(tmp_path):
    model = save(tmp_path / "model", tiny_llama(), build_tokenizer())
    rows = len(killed.QUESTIONS) * killed.N
    found, expected = runs_of("tests.teachers.killed", tmp_path, model, rows=rows)
    assert found == expected


def test_a_killed_client_of_a_faulty_server_ends_with_the_undisturbed_texts(tmp_path):
    """Samples that are left of a question are asked for with the seed of the first of them."""
    rows = len(openai_killed.QUESTIONS) * openai_killed.N
    faults = ("--rate=0.1", "--latency=0.01", "--faults=500,reset,429,truncated JSON")
    with Elsewhere(*faults) as server:
        port = server.url.rpartition(":")[2].removesuffix("/v1")
        found, expected = runs_of("tests.teachers.openai.killed", tmp_path, port, rows=rows)
    same = [one.text == other.text for one, other in zip(found, expected, strict=True)]
    assert sum(same) >= 0.99 * rows
    assert all(row.error is None for row in found)
