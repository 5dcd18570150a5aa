"""An OpenAI-compatible server on a loopback port that misbehaves on purpose, and keeps the books.

    with FaultServer(rate=0.3, faults=FAULTS, latency=0.002) as server:
        OpenAITeacher(model="toy", base_url=server.url)
        server.billed                   # tokens of all answers that left it whole

    python -m tests.teachers.openai.fault_server --latency 0.1      # one in a process of its own

It speaks HTTP by hand: a library would not let it break off in the middle of an answer. Sample k of
a prompt is `PROMPT #SEED+k`; a word is a token.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from email.utils import formatdate
from subprocess import PIPE
from typing import Any, Self

FAULTS = (
    "429",
    "429 with seconds",
    "429 with a date",
    "500",
    "502",
    "503 with seconds",
    "reset",
    "reset within an answer",
    "stall",
    "truncated JSON",
    "empty choices",
    "fewer choices",
    "wrong content type",
    "huge",
    "huge without length",
    "one byte at a time",
)
HUGE = 100 * 2**20
REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found"}


class FaultServer:
    """Serves model `toy`; a context manager.

    Args:
        rate: Share of the requests that meet a fault.
        faults: Which, evenly.
        latency: Seconds before an answer, from half to one and a half times this.
        slow: Seconds that the slow faults take at least; more than the client's patience.
        key: The key that it asks for.
        longest: Words of a prompt; more are refused as servers do.
        refuses: A field that it does not take.
        breaks_on: Part of the prompts that it always answers with HTTP 500.
        knows_n: Several choices for one request; else always one.
        usage: Say how many tokens there were.
        words: Words that are added to every answer.
        faults_first: Faults of the first requests, one each, before chance begins.
    """

    def __init__(
        self,
        *,
        rate: float = 0.0,
        faults: Sequence[str] = FAULTS,
        latency: float = 0.0,
        slow: float = 3.0,
        key: str | None = None,
        longest: int = 10**9,
        refuses: str | None = None,
        breaks_on: str | None = None,
        knows_n: bool = True,
        usage: bool = True,
        words: int = 0,
        port: int = 0,
        faults_first: Sequence[str] = (),
        extra: dict[str, Any] | None = None,
    ) -> None:
        self.rate, self.faults, self.latency, self.slow = rate, tuple(faults), latency, slow
        self.key, self.longest, self.refuses = key, longest, refuses
        self.breaks_on = breaks_on
        self.knows_n, self.usage, self.port = knows_n, usage, port
        self.filler = " so" * words
        self.first = list(faults_first)
        self.extra = extra or {}
        self.billed = Counter[str]()
        self.met = Counter[str]()
        self.answered = Counter[str]()
        """Samples that left it whole, by prompt."""
        self.bodies: list[dict[str, Any]] = []
        self.keep_bodies = True
        self.times: list[float] = []
        self.in_flight = self.most_in_flight = 0
        self._chance = random.Random(0)
        self._loop = asyncio.new_event_loop()
        self._connections: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def books(self) -> dict[str, dict[str, int]]:
        """What was billed, which faults were met, how many samples each prompt got."""
        return {"billed": self.billed, "met": self.met, "answered": self.answered}

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._listen()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        asyncio.run_coroutine_threadsafe(self._end_tasks(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def stop(self) -> None:
        """Close the port and every connection, as a crash would."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()

    def come_back(self) -> None:
        """Listen on the same port again."""
        self._listen()

    def _listen(self) -> None:
        async def listen() -> Any:
            return await asyncio.start_server(self._serve, "127.0.0.1", self.port, backlog=1024)

        self._server = asyncio.run_coroutine_threadsafe(listen(), self._loop).result()
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        self._server.close()
        for writer in list(self._connections):
            writer.transport.abort()

    async def _end_tasks(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.rstrip().split("\r\n")
                headers = {n.lower(): v for n, _, v in (line.partition(": ") for line in lines)}
                data = await reader.readexactly(int(headers.get("content-length", 0)))
                self.times.append(time.monotonic())
                self.in_flight += 1
                self.most_in_flight = max(self.most_in_flight, self.in_flight)
                try:
                    await self._answer(first.split()[1], headers, data, reader, writer)
                finally:
                    self.in_flight -= 1
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._connections.discard(writer)
            writer.close()

    async def _answer(
        self,
        path: str,
        headers: dict[str, str],
        data: bytes,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        if path == "/v1/models":
            return await send(writer, 200, {"data": [{"id": "toy"}]})
        if path == "/v1/books":
            return await send(writer, 200, self.books)
        asked = json.loads(data)
        if self.keep_bodies:
            self.bodies.append(asked)
        refusal = self._refusal(path, headers, asked)
        if refusal is not None:
            status, message = refusal
            self.met[str(status)] += 1
            return await send(writer, status, {"error": {"message": message, "code": None}})
        broken = self.breaks_on is not None and self.breaks_on in prompt_of(asked)
        fault = "500" if broken else self._fault()
        if self.latency:
            await asyncio.sleep(self.latency * self._chance.uniform(0.5, 1.5))
        if fault is None or fault in ("fewer choices", "empty choices"):
            return await self._bill(path, asked, fault, reader, writer)
        self.met[fault] += 1
        await getattr(self, "_" + fault.split(" ")[0])(fault, path, asked, writer)
        return None

    def _refusal(self, path: str, headers: dict[str, str], asked: dict) -> tuple[int, str] | None:
        given = headers.get("authorization", "").removeprefix("Bearer ")
        if self.key is not None and given != self.key:
            return 401, f"Incorrect API key provided: {given}"
        if asked["model"] != "toy":
            return 404, f"The model {asked['model']!r} does not exist"
        if path not in ("/v1/completions", "/v1/chat/completions"):
            return 404, f"no path {path}"
        if self.refuses in asked:
            return 400, f"Unrecognized request argument: {self.refuses}"
        if len(prompt_of(asked).split()) > self.longest:
            return 400, f"This model's maximum context length is {self.longest} tokens"
        return None

    def _fault(self) -> str | None:
        if self.first:
            return self.first.pop(0) or None
        return self._chance.choice(self.faults) if self._chance.random() < self.rate else None

    async def _bill(
        self,
        path: str,
        asked: dict,
        fault: str | None,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        n = asked.get("n", 1) if self.knows_n else 1
        prompt = prompt_of(asked)
        if fault == "fewer choices" and n > 1:
            n = self._chance.randrange(1, n)
        elif fault == "fewer choices":
            fault = None
        if fault == "empty choices":
            n = 0
        if fault:
            self.met[fault] += 1
        texts = [f"{prompt} #{asked.get('seed', 0) + k}{self.filler}" for k in range(n)]
        usage = {
            "prompt_tokens": len(prompt.split()),
            "completion_tokens": sum(len(text.split()) for text in texts),
        }
        reply = {"choices": [choice(path, asked, k, t) | self.extra for k, t in enumerate(texts)]}
        if self.usage:
            reply["usage"] = usage
        if reader.at_eof():  # the client has gone: servers stop generating, and bill nothing
            self.met["client gone"] += 1
            raise ConnectionResetError
        await send(writer, 200, reply)
        self.billed.update(usage)
        self.answered[prompt] += n

    async def _429(self, fault: str, path: str, asked: dict, writer: Any) -> None:
        extra = {
            "429 with seconds": {"Retry-After": "0.02"},
            "429 with a date": {"Retry-After": formatdate(time.time() - 1, usegmt=True)},
        }
        await send(writer, 429, {"error": {"message": "slow down"}}, extra.get(fault, {}))

    async def _500(self, fault: str, path: str, asked: dict, writer: Any) -> None:
        await send(writer, 500, {"error": {"message": "engine failed"}})

    async def _502(self, fault: str, path: str, asked: dict, writer: Any) -> None:
        await send(writer, 502, b"<html>Bad Gateway</html>", {"Content-Type": "text/html"})

    async def _503(self, fault: str, path: str, asked: dict, writer: Any) -> None:
        await send(writer, 503, {"error": "overloaded"}, {"Retry-After": "0.02"})

    async def _reset(self, fault: str, path: str, asked: dict, writer: Any) -> None:
        if fault != "reset":
            writer.write(head_of(200, 5000) + b'{"choices": [{"text": "ha')
            await writer.drain()
        writer.transport.abort()
        raise ConnectionResetError

    async def _stall(self, fault: str, path: str, asked: dict, writer: Any) -> None:
        await asyncio.sleep(self.slow)
        writer.transport.abort()
        raise ConnectionResetError

    async def _truncated(self, fault: str, path: str, asked: dict, writer: Any) -> None:
        await send(writer, 200, b'{"choices": [{"text": "half an ans')

    async def _wrong(self, fault: str, path: str, asked: dict, writer: Any) -> None:
        await send(writer, 200, b"<html>Sign in</html>", {"Content-Type": "text/html"})

    async def _huge(self, fault: str, path: str, asked: dict, writer: Any) -> None:
        part = b'{"choices": [{"text": "' + b"x" * 2**16
        if fault == "huge":
            writer.write(head_of(200, HUGE))
        else:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        for _ in range(HUGE // len(part)):
            writer.write(part)
            await writer.drain()
        raise ConnectionResetError

    async def _one(self, fault: str, path: str, asked: dict, writer: Any) -> None:
        data = json.dumps({"choices": [choice(path, asked, 0, "slow " * 200)]}).encode()
        writer.write(head_of(200, len(data)))
        for place in range(len(data)):
            writer.write(data[place : place + 1])
            await writer.drain()
            await asyncio.sleep(self.slow / len(data))
        raise ConnectionResetError


def prompt_of(asked: dict[str, Any]) -> str:
    """Return the prompt, or the last message of a conversation."""
    return asked["prompt"] if "prompt" in asked else asked["messages"][-1]["content"]


def choice(path: str, asked: dict[str, Any], index: int, text: str) -> dict[str, Any]:
    """Return one choice of either API."""
    words = text.split()
    found: dict[str, Any] = {"index": index, "finish_reason": "stop"}
    if "chat" in path:
        found["message"] = {"role": "assistant", "content": text}
        if asked.get("logprobs"):
            found["logprobs"] = {"content": [{"token": w, "logprob": -0.5} for w in words]}
    else:
        found["text"] = text
        if "logprobs" in asked:
            found["logprobs"] = {"tokens": words, "token_logprobs": [-0.5] * len(words)}
    return found


def head_of(status: int, length: int, extra: dict[str, str] | None = None) -> bytes:
    """Return the head of an answer."""
    fields = {"Content-Type": "application/json", "Content-Length": str(length), **(extra or {})}
    lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Error')}"]
    return "\r\n".join([*lines, *(f"{n}: {v}" for n, v in fields.items()), "", ""]).encode()


async def send(
    writer: asyncio.StreamWriter,
    status: int,
    body: Any,
    extra: dict[str, str] | None = None,
) -> None:
    """Send a whole answer."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    writer.write(head_of(status, len(data), extra) + data)
    await writer.drain()


class Elsewhere:
    """A server in a process of its own, so that it takes no time from the client's.

    Args:
        flags: Of `main`, such as `--rate=0.3`.
    """

    def __init__(self, *flags: str) -> None:
        command = [sys.executable, "-m", __name__, *flags]
        self._process = subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()

    @property
    def books(self) -> dict[str, dict[str, int]]:
        with urllib.request.urlopen(self.url + "/books", timeout=30) as answer:
            return json.load(answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate("")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--latency", type=float, default=0.1)
    parser.add_argument("--words", type=int, default=0)
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--slow", type=float, default=3.0)
    parser.add_argument("--faults", type=lambda names: names.split(","), default=FAULTS)
    with FaultServer(**vars(parser.parse_args())) as server:
        server.keep_bodies = False
        print(server.url, flush=True)
        with suppress(EOFError, KeyboardInterrupt):
            input()  # until the other end closes the pipe


if __name__ == "__main__":
    main()
