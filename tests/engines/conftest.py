"""Tests of real engines: each module runs in a process of its own (`make test-engines`)."""

from __future__ import annotations

import importlib.util
import os

import pytest

from tests.engines import vllm_server as servers


@pytest.fixture(scope="session")
def vllm() -> None:
    """Skip where vLLM is not installed; where COTKD_REQUIRE names vllm, fail instead."""
    if importlib.util.find_spec("vllm") is None:
        if "vllm" in os.environ.get("COTKD_REQUIRE", "").split(","):
            pytest.fail("vllm is not installed (COTKD_REQUIRE asks for it)")
        pytest.skip("vllm is not installed: make test-engines")


@pytest.fixture(scope="module")
def vllm_server(vllm):
    """A running server of the embedded teacher, one for the module: url, model, process."""
    with servers.vllm_server() as server:
        yield server
