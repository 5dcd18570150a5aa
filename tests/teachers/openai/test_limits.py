"""No minute sees more than the limit, and no time is wasted below it."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotkd.teachers.openai.limits import Bucket, Limits


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        self.now += seconds
        await asyncio.sleep(0)


def taken(per_minute, burst, amounts):
    """Return when each amount was given."""
    clock = Clock()
    bucket = Bucket(per_minute, burst=burst, sleep=clock.sleep, clock=clock)

    async def run():
        times = []
        for amount in amounts:
            await bucket.take(amount)
            times.append(clock.now)
        return times

    return asyncio.run(run())


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 2000), st.integers(30, 300))
def test_no_minute_sees_more_requests_than_allowed(per_minute, count):
    times = taken(per_minute, max(1.0, per_minute / 600), [1] * count)
    for start in times:
        assert sum(start <= at < start + 60 - 1e-6 for at in times) <= per_minute


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 1000), min_size=20, max_size=80))
def test_no_minute_sees_more_tokens_than_allowed_beyond_one_request(amounts):
    per_minute = 6000
    times = taken(per_minute, per_minute / 60, amounts)
    for start in times:
        inside = [a for a, at in zip(amounts, times, strict=True) if start <= at < start + 60]
        assert sum(inside) <= per_minute + max(amounts)


def test_the_limit_is_used_up():
    times = taken(600, 1.0, [1] * 601)
    assert times[-1] == pytest.approx(60, rel=0.05)


def test_what_is_given_back_lets_the_next_one_go_sooner():
    def last(back):
        clock = Clock()
        bucket = Bucket(600, burst=10, sleep=clock.sleep, clock=clock)

        async def run():
            for _ in range(10):
                await bucket.take(100)
                bucket.give_back(back)
            return clock.now

        return asyncio.run(run())

    assert last(90) < last(0) / 5


def test_estimates_of_prompts_follow_what_servers_count():
    clock = Clock()
    limits = Limits(requests=None, tokens=1e9, sleep=clock.sleep)

    async def run():
        for _ in range(60):
            aside = await limits.admit(characters=1000, most=0)
            limits.settle(aside, characters=1000, prompt=700, answer=0)
        return aside

    assert asyncio.run(run()) == pytest.approx(700, rel=0.02)
