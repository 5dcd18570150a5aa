"""The network: an `openai` client on an event loop of its own, in a thread of its own.

Threads that call `Connection.run` wait there; all requests run side by side on the one loop.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine, Mapping
from concurrent.futures import CancelledError
from contextvars import ContextVar
from typing import Any, NamedTuple, TypeVar

from pydantic import SecretStr

from cotkd.errors import EngineError, SettingError
from cotkd.teachers.openai.body import Body
from cotkd.teachers.openai.settings import ServerSettings
from cotkd.teachers.openai.trouble import Refused, Trouble, from_exception

T = TypeVar("T")
HOSTED = "https://api.openai.com/v1"
_CONNECT_SECONDS = 10.0
_POOL = 16
"""Connections of one pool."""
_TOO_LONG_FOR_A_WORD = 16
_FRAMING = frozenset({"content-encoding", "content-length", "transfer-encoding"})
_most_bytes: ContextVar[int] = ContextVar("most_bytes", default=2**20)
"""Size that the answer to the request of this task may have."""


class Answer(NamedTuple):
    """What came back: status, headers in lower case, and the bytes of the body."""

    status: int
    headers: Mapping[str, str]
    data: bytes


class Address(NamedTuple):
    """Where a server is, and the key that it gets."""

    url: str
    key: SecretStr | None


def blotted(data: bytes, key: SecretStr, *, always: bool) -> bytes:
    """Return an answer without the key: servers quote what they refuse.

    Args:
        data: What came back.
        key: What nobody is to see.
        always: Also blot out what may be a plain word, as servers without keys are often given.
    """
    if always or len(key) >= _TOO_LONG_FOR_A_WORD:
        return data.replace(key.get_secret_value().encode(), b"***")
    return data


def address_of(settings: ServerSettings) -> Address:
    """Read what the settings leave to the environment.

    Raises:
        SettingError: the hosted API is asked without a key, or the key cannot be one.
    """
    url = settings.base_url
    if url is None:
        given = os.environ.get("OPENAI_BASE_URL") or HOSTED
        url = type(settings).parse({"model": settings.model, "base_url": given}).base_url
    assert url is not None
    key = os.environ.get(settings.key_variable, "").strip()
    if not key:
        if url == HOSTED:
            raise SettingError(
                f"teacher {settings.model!r}: {HOSTED} needs a key: set the environment variable "
                f"{settings.key_variable}, or teacher.base_url for another server"
            )
        return Address(url, None)
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise SettingError(
            f"the environment variable {settings.key_variable} holds no key: letters, digits and "
            "signs without spaces are expected (its value is not shown)"
        )
    return Address(url, SecretStr(key))


class Connection:
    """An open client; nothing runs before the first request."""

    def __init__(self, settings: ServerSettings, address: Address) -> None:
        self._settings = settings
        self._address = address
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._client: Any = None
        self._lock = threading.Lock()
        self._closed = False

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop and wait for its result.

        Raises:
            EngineError: the engine was closed meanwhile.
        """
        try:
            future = asyncio.run_coroutine_threadsafe(work, self._started())
        except BaseException:
            work.close()
            raise
        try:
            return future.result()
        except CancelledError:
            raise EngineError(f"teacher {self._settings.model!r} was closed while asked") from None
        finally:
            future.cancel()

    async def post(self, body: Body) -> Answer:
        """Send a request and read its answer to the end, within the time and size it may take.

        Raises:
            Trouble: there was no answer, or no end to it.
        """
        return await self._send("POST", body.path, body.fields, limit=body.reply_bytes)

    async def models(self) -> list[str]:
        """Return the names that the server lists; none if it will not tell."""
        from pydantic_core import from_json

        try:
            answer = await self._send("GET", "/models", None, limit=2**20)
            return [str(model["id"]) for model in from_json(answer.data)["data"]]
        except (Trouble, ValueError, KeyError, TypeError):
            return []

    def close(self) -> None:
        """End all requests under way, the client, and the thread."""
        with self._lock:
            self._closed = True
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._end(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    async def _send(self, method: str, path: str, fields: Any, *, limit: int) -> Answer:
        from httpx2 import Response
        from openai import APIConnectionError, APIStatusError

        _most_bytes.set(limit)
        ask = self._client.get if method == "GET" else self._client.post
        body = {} if fields is None else {"body": fields}
        try:
            async with asyncio.timeout(self._settings.timeout):
                response = await ask(path, cast_to=Response, **body)
        except UnicodeError as error:
            raise Refused("no valid Unicode", str(error)[:200]) from None
        except TimeoutError:
            raise Trouble("time-out", f"no answer in {self._settings.timeout:g} s") from None
        except APIConnectionError as error:
            raise from_exception(error) from None
        except APIStatusError as error:
            response = error.response
        status, data = response.status_code, response.content
        if self._address.key is not None:
            data = blotted(data, self._address.key, always=status != 200)
        return Answer(status, response.headers, data)

    async def _end(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._client.close()

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._closed:
                raise EngineError(f"teacher {self._settings.model!r} is closed")
            if self._loop is None:
                self._client = _client(self._settings, self._address)
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=self._loop.run_forever, name="cotkd-openai", daemon=True
                )
                self._thread.start()
            return self._loop


def _client(settings: ServerSettings, address: Address) -> Any:
    """Return a client that leaves repeats, time-outs and the reading of answers to us."""
    import httpx2
    from openai import AsyncOpenAI, DefaultAsyncHttpxClient

    class Bounded(DefaultAsyncHttpxClient):
        """Spreads requests over small pools, and reads no more of an answer than it may have."""

        async def send(self, request: Any, *, stream: bool = False, **options: Any) -> Any:
            pool = min(pools, key=lambda one: one.busy)
            pool.busy += 1
            try:
                response = await pool.send(request, stream=True, **options)
                try:
                    data = await _read(response)
                finally:
                    await response.aclose()
            finally:
                pool.busy -= 1
            plain = [(k, v) for k, v in response.headers.multi_items() if k not in _FRAMING]
            return httpx2.Response(
                response.status_code, headers=plain, content=data, request=response.request
            )

        async def aclose(self) -> None:
            for pool in pools:
                await pool.aclose()
            await super().aclose()

    class Pool(DefaultAsyncHttpxClient):
        """The connections of some of the requests."""

        busy = 0

    # the library goes through all connections of a pool for each request: with hundreds in one,
    # that took most of the time. It also keeps open only 100 of them unless told otherwise.
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=2 * _POOL)
    times = httpx2.Timeout(settings.timeout, connect=_CONNECT_SECONDS, pool=None)
    verify = httpx2.create_ssl_context()
    pools = [
        Pool(limits=limits, timeout=times, verify=verify)
        for _ in range(-(-settings.concurrency // _POOL))
    ]
    return AsyncOpenAI(
        base_url=address.url,
        api_key=address.key.get_secret_value() if address.key else "none",
        max_retries=0,
        timeout=times,
        default_headers={"Accept-Encoding": "identity"},  # a small body could unpack to any size
        http_client=Bounded(timeout=times, verify=verify),
    )


async def _read(response: Any) -> bytes:
    limit = _most_bytes.get()
    parts: list[bytes] = []
    size = int(response.headers.get("content-length") or 0)
    if size <= limit:
        size = 0
        async for part in response.aiter_bytes():
            parts.append(part)
            size += len(part)
            if size > limit:
                break
    if size > limit:
        raise Trouble("answer too large", f"more than {limit / 2**20:.1f} MiB")
    return b"".join(parts)
