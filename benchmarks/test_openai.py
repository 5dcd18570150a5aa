"""The `openai` engine, called from threads, against a bare asyncio loop over the `openai` package.

Both ask the same server: a process of its own that answers after 0.05 to 0.15 s with four samples
of 150 words. 256 requests are in flight, and the rounds alternate, so that other work on the
machine falls on both.
"""

from __future__ import annotations

import asyncio
import os
import resource
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import NamedTuple

import pytest

from cotkd.decoding.sampling import Sampling
from cotkd.teachers.base import Request
from cotkd.teachers.openai import OpenAITeacher
from tests.teachers.openai.fault_server import Elsewhere

IN_FLIGHT = 256
REQUESTS = 1024
SAMPLING = Sampling(max_tokens=256)


class Cost(NamedTuple):
    """What a round took."""

    seconds: float
    cpu: float


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Elsewhere("--latency=0.1", "--words=150") as server:
        yield server.url


def bare(url: str, count: int) -> None:
    """What one writes by hand: no limits, no repeats, no bound on an answer's size.

    It keeps as many connections as it uses; with the package's own 100 it would be slower still.
    """
    from openai import AsyncOpenAI, DefaultAsyncHttpxClient

    async def run() -> None:
        from httpx2 import Limits

        free = asyncio.Semaphore(IN_FLIGHT)
        kept = DefaultAsyncHttpxClient(limits=Limits(max_keepalive_connections=IN_FLIGHT))
        async with AsyncOpenAI(
            base_url=url, api_key="none", max_retries=0, timeout=120, http_client=kept
        ) as client:

            async def one(number: int) -> list[str]:
                async with free:
                    made = await client.completions.create(
                        model="toy",
                        prompt=f"what is {number}",
                        n=4,
                        seed=number,
                        max_tokens=256,
                        temperature=1.0,
                        top_p=1.0,
                    )
                    return [choice.text for choice in made.choices]

            answers = await asyncio.gather(*map(one, range(count)))
            assert all(len(texts) == 4 for texts in answers)

    asyncio.run(run())


def through_the_engine(url: str, count: int) -> None:
    settings = OpenAITeacher(model="toy", base_url=url, concurrency=IN_FLIGHT, timeout=120)
    batches = (
        [Request(f"what is {number}", seed=number + k, sample_index=k) for k in range(4)]
        for number in range(count)
    )
    with settings.open() as engine, ThreadPoolExecutor(IN_FLIGHT) as pool:
        for made in pool.map(lambda batch: engine.complete(batch, SAMPLING), batches):
            assert len(made) == 4
        assert not engine.errors


def timed(work: Callable[[str, int], None], url: str) -> Cost:
    wall, cpu = time.perf_counter(), time.process_time()
    work(url, REQUESTS)
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


def test_the_engine_against_a_bare_loop(benchmark, url: str) -> None:
    bare(url, IN_FLIGHT)
    through_the_engine(url, IN_FLIGHT)
    pairs = [(timed(bare, url), timed(through_the_engine, url)) for _ in range(3)]
    benchmark.pedantic(through_the_engine, args=(url, IN_FLIGHT), rounds=1)
    wall = median(theirs.seconds / ours.seconds for theirs, ours in pairs)
    cpu = median(theirs.cpu / ours.cpu for theirs, ours in pairs)
    rate = median(REQUESTS / ours.seconds for _, ours in pairs)
    benchmark.extra_info.update(requests_per_second_ratio=wall, requests_per_cpu_second_ratio=cpu)
    print(f"\nengine / bare loop: {wall:.2f} requests/s, {cpu:.2f} per CPU-second; {rate:.0f}/s")
    assert cpu >= 0.97


def resident() -> int:
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * resource.getpagesize()


def test_memory_is_flat_with_256_requests_in_flight(benchmark, url: str) -> None:
    if not os.path.exists("/proc/self/statm"):
        pytest.skip("needs /proc")
    through_the_engine(url, 2 * REQUESTS)
    before = resident()
    benchmark.pedantic(through_the_engine, args=(url, 2 * REQUESTS), rounds=1)
    grown = (resident() - before) / 2**20
    print(f"\n{2 * REQUESTS} requests of 4 samples: {grown:+.1f} MiB")
    assert grown < 16
