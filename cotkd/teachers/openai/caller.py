"""Asks until there is an answer: limits before each attempt, troubles and their remedies after it.

All attempts of an engine share one `Halt` (the end), one `Pause` (the server is crowded), one
`Pulse` (the server is there) and one set of slots: so a thousand waiting requests cost a server
that is in trouble no more than one.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterable

from cotkd.errors import CotkdError, EngineError, SettingError
from cotkd.teachers.openai.body import Body
from cotkd.teachers.openai.client import Address, Answer, Connection
from cotkd.teachers.openai.limits import Limits
from cotkd.teachers.openai.reply import Reply, read_reply
from cotkd.teachers.openai.retry import Halt, Pause, Pulse, backoff
from cotkd.teachers.openai.settings import ServerSettings
from cotkd.teachers.openai.trouble import Fatal, Refused, Trouble, Unanswered, from_status

_MISTAKES = ("HTTP 401", "HTTP 403", "HTTP 404")
"""What the user can mend by a setting."""
_KEPT = "what was made is kept, run the same command again to go on"


class Caller:
    """Sends requests of one engine; lives on the loop of its connection."""

    def __init__(self, settings: ServerSettings, address: Address, connection: Connection) -> None:
        self.errors: Counter[str] = Counter()
        """Attempts that failed, by kind."""
        self._settings = settings
        self._address = address
        self._connection = connection
        self._answered_last = float("-inf")
        """When the last of the requests that were answered was sent."""
        self._halt = Halt()
        self._pause = Pause(self._halt, spread=settings.backoff)
        self._pulse = Pulse(settings.patience)
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._limits = Limits(
            requests=settings.requests_per_minute,
            tokens=settings.tokens_per_minute,
            sleep=self._halt.sleep,
        )

    def restart(self) -> None:
        """Forget an end that came before, for a new start."""
        self._halt.clear()
        self._pulse.reset()

    async def ask(self, body: Body, *, once: bool = False) -> Reply:
        """Return the answer to a request, after as many attempts as it takes, or after one.

        Raises:
            Refused: the server will never answer this request.
            SettingError: it answers none to this key, of this model, or with these settings.
            Unanswered: it has not answered this one within the attempts allowed.
            Trouble: it has not answered what was asked once.
            EngineError: it answers none.
        """
        met: Counter[str] = Counter()
        lost = (0, 0)
        failed_first: float | None = None
        while True:
            try:
                reply = await self._attempt(body)
            except Trouble as trouble:
                self._count(trouble, met)
                lost = (lost[0] + trouble.billed[0], lost[1] + trouble.billed[1])
                failed_first = failed_first or time.monotonic()
                await self._judge(trouble)
                if once:
                    raise
                if not trouble.gone and sum(met.values()) > self._settings.retries:
                    raise self._unanswered(trouble, met, failed_first, lost) from None
                await self._rest(trouble, sum(met.values()))
            else:
                return with_lost(reply, lost)

    async def _attempt(self, body: Body) -> Reply:
        """Send a request once, when its turn has come."""
        characters = body.prompt_characters
        async with self._slots:
            self._halt.check()
            aside = await self._limits.admit(characters=characters, most=body.n * body.max_tokens)
            await self._pause.over()
            sent = time.monotonic()
            try:
                answer = await self._connection.post(body)
                self._pulse.beat()
                reply = self._read(body, answer)
            except Trouble as trouble:
                if not trouble.gone:
                    self._pulse.beat()
                prompt, completion = trouble.billed
                self._limits.settle(aside, characters=0, prompt=prompt, answer=completion)
                raise
            self._limits.settle(
                aside,
                characters=characters,
                prompt=reply.prompt_tokens,
                answer=reply.answer_tokens,
            )
            self._answered_last = max(self._answered_last, sent)
            return reply

    @staticmethod
    def _read(body: Body, answer: Answer) -> Reply:
        if answer.status != 200:
            raise from_status(answer.status, answer.headers, answer.data)
        return read_reply(
            answer.data, answer.headers, n=body.n, prompt_characters=body.prompt_characters
        )

    def _count(self, trouble: Trouble, met: Counter[str]) -> None:
        met[trouble.kind] += 1
        self.errors[trouble.kind] += 1

    async def _judge(self, trouble: Trouble) -> None:
        """Raise if asking again is no use."""
        if isinstance(trouble, Refused):
            raise trouble
        if isinstance(trouble, Fatal):
            mistaken = trouble.kind in _MISTAKES
            kind = SettingError if mistaken else EngineError
            raise self._end(await self._explain(trouble), kind) from None
        if trouble.gone and self._pulse.gone():
            raise self._end(self._gone(trouble)) from None

    def _unanswered(
        self, trouble: Trouble, met: Counter[str], since: float, lost: tuple[int, int]
    ) -> Unanswered:
        """Return what ends one request; answers to what was sent earlier say nothing of it."""
        attempts = f"{met.total()} attempts ({listed(met.items())}), the last: {trouble}"
        alone = self._answered_last > since
        return Unanswered(trouble.kind, attempts, alone=alone, billed=lost)

    async def _rest(self, trouble: Trouble, failures: int) -> None:
        """Wait as long as the trouble calls for."""
        seconds = backoff(failures, base=self._settings.backoff)
        if trouble.wait is not None:
            seconds = trouble.wait + backoff(1, base=self._settings.backoff)
        if trouble.gone:
            seconds = min(seconds, max(self._settings.patience / 10, 0.1), 5.0)
        if trouble.crowded:
            self._pause.extend(seconds if trouble.wait is None else trouble.wait)
        await self._halt.sleep(seconds)

    def _gone(self, trouble: Trouble) -> str:
        seconds = self._pulse.silent()
        if self._pulse.heard:
            return f"the server is gone, no connection for {seconds:.0f} s ({trouble}); {_KEPT}"
        return f"no server answers ({trouble}): start it, or set teacher.base_url"

    async def _explain(self, trouble: Fatal) -> str:
        """Return what a user can do about a request that no server would answer."""
        variable = self._settings.key_variable
        if trouble.kind in ("HTTP 401", "HTTP 403"):
            if self._address.key is None:
                return f"it asks for a key ({trouble}): set the environment variable {variable}"
            return f"it refuses the key ({trouble}): see the environment variable {variable}"
        if trouble.kind == "HTTP 404":
            names = await self._connection.models()
            if names and self._settings.model not in names:
                shown = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
                return f"it has no such model ({trouble}): set teacher.model to one of: {shown}"
            return (
                f"no such model or path ({trouble}): see teacher.model, whether teacher.base_url "
                "ends in /v1, and whether teacher.api should be chat"
            )
        return f"no request can be answered ({trouble})"

    def refuse_all(self, refusal: Refused) -> CotkdError:
        """End all asking because requests as such are refused; return the error."""
        return self._end(f"it refuses these settings ({refusal})", SettingError)

    def give_up(self, request: Unanswered) -> CotkdError:
        """End all asking because nothing is answered any more; return the error."""
        return self._end(f"gave up a request after {request.attempts}; {_KEPT}")

    def _end(self, message: str, kind: type[CotkdError] = EngineError) -> CotkdError:
        line = f"teacher {self._settings.model!r} at {self._address.url}: {message}"
        return self._halt.set(kind(line))


def listed(counts: Iterable[tuple[str, int]]) -> str:
    """Return `4 x HTTP 500, 1 x time-out`, most frequent first."""
    ordered = sorted(counts, key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{count} x {kind}" for kind, count in ordered)


def with_lost(reply: Reply, lost: tuple[int, int]) -> Reply:
    """Add what unusable answers cost to the first sample of the one that could be used."""
    if lost == (0, 0):
        return reply
    first, *others = reply.completion_tokens
    return reply._replace(
        prompt_tokens=reply.prompt_tokens + lost[0],
        completion_tokens=(first + lost[1], *others),
    )
