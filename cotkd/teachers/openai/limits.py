r"""Rate limits: requests and tokens per minute, kept by us so that the server need not refuse.

bucket = Bucket(60_000, burst=1_000, sleep=asyncio.sleep)
await bucket.take(700)              # at once, or when so many have flowed in
bucket.give_back(450)               # the answer was shorter than it might have been
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

Sleep = Callable[[float], Awaitable[None]]


class Bucket:
    """Fills evenly and is emptied by what is taken; whoever came first is served first.

    In no minute more than `per_minute` is taken, by amounts up to `burst`. A larger amount is given
    once the bucket is full, and paid off before the next.

    Args:
        per_minute: What flows in.
        burst: What it holds.
        sleep: How to wait.
        clock: Seconds, for tests.
    """

    def __init__(
        self,
        per_minute: float,
        *,
        burst: float,
        sleep: Sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._burst = burst
        # a full bucket and a minute's flow together make up the limit
        self._rate = max(per_minute - burst, per_minute / 2) / 60
        self._level = burst
        self._sleep = sleep
        self._clock = clock
        self._at = clock()
        self._turn = asyncio.Lock()

    async def take(self, amount: float) -> None:
        """Wait until the amount is there, and take it."""
        async with self._turn:
            while (short := min(amount, self._burst) - self._filled()) > 1e-9:
                # no longer than a second: meanwhile something may be given back
                await self._sleep(min(1.0, max(short / self._rate, 0.001)))
            self._level -= amount

    def give_back(self, amount: float) -> None:
        """Return what was taken too much; a negative amount takes more, without waiting."""
        self._level = min(self._burst, self._filled() + amount)

    def _filled(self) -> float:
        now = self._clock()
        self._level = min(self._burst, self._level + (now - self._at) * self._rate)
        self._at = now
        return self._level


class Limits:
    """Both limits of a server, and the estimate of what a request will take.

    Args:
        requests: Per minute; None for no limit.
        tokens: Per minute; None for no limit.
        sleep: How to wait.
    """

    def __init__(self, *, requests: float | None, tokens: float | None, sleep: Sleep) -> None:
        self._requests = self._tokens = None
        if requests is not None:
            self._requests = Bucket(requests, burst=max(1.0, requests / 600), sleep=sleep)
        if tokens is not None:
            self._tokens = Bucket(tokens, burst=tokens / 60, sleep=sleep)
        self._per_character = 0.3

    async def admit(self, *, characters: int, most: int) -> float:
        """Wait for the turn of a request; return the tokens put aside for it.

        Args:
            characters: Length of the prompt.
            most: Tokens of the answer at most.
        """
        if self._requests is not None:
            await self._requests.take(1)
        if self._tokens is None:
            return 0.0
        aside = characters * self._per_character + most
        await self._tokens.take(aside)
        return aside

    def settle(self, aside: float, *, characters: int, prompt: int, answer: int) -> None:
        """Put right what was put aside, once the tokens of prompt and answer are known."""
        if self._tokens is None:
            return
        self._tokens.give_back(aside - prompt - answer)
        if characters and prompt:
            self._per_character += 0.1 * (prompt / characters - self._per_character)
