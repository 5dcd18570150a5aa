"""The engine of kind `openai`: one request for all samples of a question, many at a time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from cotkd.decoding.generation import Generation, failed
from cotkd.decoding.sampling import Sampling
from cotkd.store.fingerprint import fingerprint
from cotkd.teachers.base import Ability, Engine, Request
from cotkd.teachers.openai.body import Body, body_of
from cotkd.teachers.openai.caller import Caller, with_lost
from cotkd.teachers.openai.client import HOSTED, Connection, address_of
from cotkd.teachers.openai.dialects import DIALECTS
from cotkd.teachers.openai.reply import Reply, generations
from cotkd.teachers.openai.settings import ServerSettings
from cotkd.teachers.openai.trouble import Refused, Trouble, Unanswered

_SURE = 3
"""Replies with one sample instead of several after which a server is taken to know no `n`."""


class OpenAIEngine(Engine):
    """Asks a server; `complete` may be called from many threads at a time.

    A batch is the samples of one question: they go as one request with `n`, so that the server
    reads, and bills, their prompt once. Samples that it leaves out are asked for again. At
    temperature 0 one sample is asked for and stands for all, at no further cost.
    """

    whole_batches = False

    def __init__(self, settings: ServerSettings) -> None:
        self.settings = settings
        self.name = settings.model
        self.concurrency = settings.concurrency
        self.abilities = _abilities(settings)
        self._address = address_of(settings)
        self._connection = Connection(settings, self._address)
        self._caller = Caller(settings, self._address, self._connection)
        self._accepted: set[str] = set()
        self._probing = asyncio.Lock()
        self._singles: int | None = 0
        self._calls = 0
        self._lock = threading.Lock()

    @property
    def identity(self) -> str:
        """Model, address, API and options: what a server answers depends on all of them."""
        settings = self.settings
        place = settings.served_as or self._address.url
        options = f" with {fingerprint(settings.options)}" if settings.options else ""
        return f"{self.name} at {place} by {settings.api}{options}"

    @property
    def errors(self) -> Mapping[str, int]:  # type: ignore[override]
        """Attempts that failed, by kind of error."""
        return self._caller.errors

    def batches(self, requests: Sequence[Request], sampling: Sampling) -> list[list[int]]:
        """Return neighbours with one prompt together, as one request each."""
        plan: list[list[int]] = []
        last: tuple[Any, ...] | None = None
        for number, request in enumerate(requests):
            asked = (request.prompt, request.chat)
            if asked != last or len(plan[-1]) == self.settings.samples_per_request:
                plan.append([])
            plan[-1].append(number)
            last = asked
        return plan

    def complete(self, requests: Sequence[Request], sampling: Sampling) -> list[Generation]:
        """Ask for one batch and wait for it.

        Raises:
            EngineError: the server is gone, or one request met too many faults and no other is
                answered either.
            SettingError: key, model or other settings are refused.
        """
        with self._lock:
            self._calls += 1
            first = self._calls == 1
        try:
            return self._connection.run(self._complete(list(requests), sampling, first=first))
        finally:
            with self._lock:
                self._calls -= 1

    def close(self) -> None:
        """End what is under way, and the thread."""
        self._connection.close()

    async def _complete(
        self, requests: list[Request], sampling: Sampling, *, first: bool
    ) -> list[Generation]:
        if first:
            self._caller.restart()
        groups: dict[Any, list[int]] = {}
        for place, request in enumerate(requests):
            groups.setdefault((request.prompt, request.chat), []).append(place)
        parts = await _all([self._same(requests, places, sampling) for places in groups.values()])
        made = dict(pair for part in parts for pair in part)
        return [made[place] for place in range(len(requests))]

    async def _same(
        self, requests: Sequence[Request], places: list[int], sampling: Sampling
    ) -> list[tuple[int, Generation]]:
        """Ask for the samples of one prompt."""
        if sampling.temperature == 0:
            (one,) = await self._ask([requests[places[0]]], sampling)
            copy = one._replace(prompt_tokens=0, completion_tokens=0)
            return list(zip(places, [one] + [copy] * (len(places) - 1), strict=True))
        missing = [requests[place] for place in places]
        made: list[Generation] = []
        while missing:
            if self._knows_no_n and len(missing) > 1:
                alone = await _all([self._ask([one], sampling) for one in missing])
                got = [one for answer in alone for one in answer]
            else:
                asked = missing[: self.settings.samples_per_request]
                got = await self._ask(asked, sampling)
                self._learn(asked=len(asked), got=len(got))
            made += got
            missing = missing[len(got) :]
        return list(zip(places, made, strict=True))

    async def _ask(self, requests: Sequence[Request], sampling: Sampling) -> list[Generation]:
        """Send one request for samples of one prompt; return one at least."""
        body = body_of(
            self.settings,
            requests[0],
            sampling,
            n=len(requests),
            hosted=self._address.url == HOSTED,
        )
        try:
            reply = await self._caller.ask(body)
        except Refused as refusal:
            return await self._refused(body, refusal)
        except Unanswered as request:
            answer = await self._unanswered(body, request)
            if isinstance(answer, list):
                return answer
            reply = answer
        self._accepted.add(body.key)
        chat = requests[0].chat
        return generations(
            reply,
            stop=sampling.stop,
            opened=chat is not None and chat.thinking is True,
            seeds=self._seeds(body, requests),
        )

    async def _refused(self, body: Body, refusal: Refused) -> list[Generation]:
        """Return failed samples if this prompt is at fault; raise if the settings are.

        Where the server has answered nothing yet that was asked with the same settings, the
        shortest of prompts tells which.
        """
        spent = (0, 0)
        async with self._probing:
            if body.key not in self._accepted:
                try:
                    reply = await self._caller.ask(body.probe())
                except Refused as again:
                    raise self._caller.refuse_all(again) from None
                except Unanswered as request:
                    raise self._caller.give_up(request) from None
                self._accepted.add(body.key)
                spent = (reply.prompt_tokens, reply.answer_tokens)
        return _failed(body, f"refused by the server ({refusal})", spent)

    async def _unanswered(self, body: Body, request: Unanswered) -> list[Generation] | Reply:
        """Return failed samples if the server answers others; raise if it answers nothing.

        Where nothing else was under way to tell, as with the last question of a run, the shortest
        of prompts tells (asked once only of a server that has answered nothing yet), and then this
        one is asked a last time: the server may have been down and be well again.
        """
        spent = request.billed
        if not request.alone:
            known = body.key in self._accepted
            async with self._probing:
                try:
                    probe = await self._caller.ask(body.probe(), once=not known)
                except Trouble:
                    raise self._caller.give_up(request) from None
            spent = (spent[0] + probe.prompt_tokens, spent[1] + probe.answer_tokens)
            try:
                return with_lost(await self._caller.ask(body, once=True), spent)
            except Trouble as trouble:
                spent = (spent[0] + trouble.billed[0], spent[1] + trouble.billed[1])
        return _failed(body, f"not answered after {request.attempts}", spent)

    def _seeds(self, body: Body, requests: Sequence[Request]) -> list[Any]:
        """Return what each sample of a request was drawn from."""
        if body.seed is None:
            return [None] * body.n
        if DIALECTS[self.settings.dialect].seeds_count_up:
            return [body.seed + place for place in range(body.n)]
        return [body.seed] if body.n == 1 else [None] * body.n

    @property
    def _knows_no_n(self) -> bool:
        return self._singles is not None and self._singles >= _SURE

    def _learn(self, *, asked: int, got: int) -> None:
        """Take note whether the server gives several samples at a time."""
        if got == asked or self._knows_no_n:
            self._singles = None if asked > 1 else self._singles
            return
        self._caller.errors["fewer choices"] += 1
        if got > 1:
            self._singles = None
        elif self._singles is not None:
            self._singles += 1


def _failed(body: Body, reason: str, spent: tuple[int, int]) -> list[Generation]:
    """Return failed samples, the first of which bears what was paid."""
    none = failed(reason)
    first = none._replace(prompt_tokens=spent[0], completion_tokens=spent[1])
    return [first] + [none] * (body.n - 1)


def _abilities(settings: ServerSettings) -> frozenset[Ability]:
    dialect = DIALECTS[settings.dialect]
    can: set[Ability] = set()
    if settings.api != "completions":
        can.add("chat")
    if settings.seeds:
        can.add("seed")
    if dialect.top_k is not None:
        can.add("top_k")
    if dialect.repetition_penalty is not None:
        can.add("repetition_penalty")
    return frozenset(can)


async def _all(work: Sequence[Any]) -> list[Any]:
    """Run coroutines side by side; the first to fail ends the others."""
    if len(work) == 1:
        return [await work[0]]
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in work]
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return [task.result() for task in tasks]
