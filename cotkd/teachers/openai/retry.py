"""When a request is asked again: back-off, what the server says about it, and when to give up.

backoff(3, base=1.0)                        4.0 to 8.0
retry_after({"retry-after": "30"})          30.0
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime

from cotkd.errors import CotkdError

_LONGEST = 60.0
_NEVER_HEARD = 5.0
"""Seconds that a server may refuse connections that has never answered: mostly a wrong address."""


def backoff(failures: int, *, base: float) -> float:
    """Return the pause after so many failures of one request.

    Pauses double up to a minute, each drawn from its upper half so that none coincide.
    """
    longest = min(_LONGEST, base * 2.0 ** min(failures - 1, 30))
    return longest * random.uniform(0.5, 1.0)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a server asks to wait, from any of the forms of saying so."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        said = headers.get(name)
        if said is None:
            continue
        try:
            seconds = float(said) * unit
        except ValueError:
            seconds = _until(said)
        if 0 <= seconds < float("inf"):
            return seconds
    return None


def _until(date: str) -> float:
    try:
        return max(0.0, parsedate_to_datetime(date).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return -1.0


class Halt:
    """The end of all asking: once an error is known to meet every request, nobody waits on."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._error: CotkdError | None = None

    def set(self, error: CotkdError) -> CotkdError:
        """End it; return the first error that did."""
        if self._error is None:
            self._error = error
            self._event.set()
        return self._error

    def clear(self) -> None:
        """Begin anew."""
        self._error = None
        self._event.clear()

    def check(self) -> None:
        """Raise the error, if there is one."""
        if self._error is not None:
            # one exception raised in several threads would collect all their traces
            raise type(self._error)(str(self._error))

    async def sleep(self, seconds: float) -> None:
        """Sleep, but no longer than until the end."""
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await self._event.wait()
        except TimeoutError:
            pass
        self.check()


class Pause:
    """A pause of all requests, which a server has asked for by refusing one of them.

    Args:
        spread: Seconds over which they come back, so that they do not come all at once.
    """

    def __init__(self, halt: Halt, *, spread: float) -> None:
        self._halt = halt
        self._spread = spread
        self._until = 0.0

    def extend(self, seconds: float) -> None:
        """Pause for so long from now, or longer if that was asked before."""
        self._until = max(self._until, time.monotonic() + seconds)

    async def over(self) -> None:
        """Wait until it is over."""
        while (left := self._until - time.monotonic()) > 0:
            await self._halt.sleep(left + random.uniform(0, self._spread))


class Pulse:
    """Whether the server is there at all: refused connections are counted by time, not by number.

    Args:
        patience: Seconds without any sign of life until it counts as gone.
    """

    def __init__(self, patience: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._patience = patience
        self._clock = clock
        self._silent_since: float | None = None
        self.heard = False

    def beat(self) -> None:
        """The server has answered, with whatever."""
        self.heard = True
        self._silent_since = None

    def silent(self) -> float:
        """No connection could be made; return for how many seconds now."""
        now = self._clock()
        if self._silent_since is None:
            self._silent_since = now
        return now - self._silent_since

    def gone(self) -> bool:
        """Tell whether a failed connection is one too many."""
        patience = self._patience if self.heard else min(self._patience, _NEVER_HEARD)
        return self.silent() >= patience

    def reset(self) -> None:
        """Forget the silence, for a new start."""
        self._silent_since = None
