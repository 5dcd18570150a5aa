r"""What goes wrong with a request, told apart by what helps.

from_status(429, headers, body)     Trouble("HTTP 429", wait=3.0, crowded=True)
from_status(401, headers, body)     Fatal("HTTP 401", "no such key")
from_status(400, headers, body)     Refused("HTTP 400", "maximum context length is 512")
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic_core import from_json

from cotkd.teachers.openai.retry import retry_after

LONGEST_WAIT = 600.0
"""Seconds that a server may ask to wait; with more, sampling stops and is continued later."""


class Trouble(Exception):
    """One attempt that gave no usable answer.

    Args:
        kind: A few words, the same for the same cause: errors are counted by it.
        message: What exactly happened, for the last line that a user sees.
        wait: Seconds that the server asks to wait.
        crowded: The server asks everybody, not only this request, to slow down.
        gone: No connection could be made.
        billed: Tokens of prompt and answer that were paid for nevertheless.
    """

    def __init__(
        self,
        kind: str,
        message: str = "",
        *,
        wait: float | None = None,
        crowded: bool = False,
        gone: bool = False,
        billed: tuple[int, int] = (0, 0),
    ) -> None:
        super().__init__(f"{kind}: {message}" if message else kind)
        self.kind = kind
        self.wait = wait
        self.crowded = crowded
        self.gone = gone
        self.billed = billed


class Refused(Trouble):
    """The server understood the request and will never answer it: the same again is no use."""


class Fatal(Trouble):
    """No request to this server, with this key and model, will ever be answered."""


class Unanswered(Trouble):
    """All attempts allowed for one request gave no usable answer.

    Args:
        attempts: How many there were, and what they met.
        alone: The server has answered others meanwhile.
    """

    def __init__(self, kind: str, attempts: str, *, alone: bool, billed: tuple[int, int]) -> None:
        super().__init__(kind, attempts, billed=billed)
        self.attempts = attempts
        self.alone = alone


def from_status(status: int, headers: Mapping[str, str], body: bytes) -> Trouble:
    """Return what an HTTP status that is not 200 means."""
    message, code = _said(body)
    kind = f"HTTP {status}"
    wait = retry_after(headers)
    if status == 429 and code == "insufficient_quota":
        return Fatal(kind, f"no credit is left ({message})")
    if status in (408, 409, 425, 429) or status >= 500:
        if wait is not None and wait > LONGEST_WAIT:
            return Fatal(kind, f"the server asks to wait {wait / 60:.0f} minutes: continue then")
        crowded = status == 429 or (status == 503 and wait is not None)
        return Trouble(kind, message, wait=wait, crowded=crowded)
    if status in (400, 413, 422):
        return Refused(kind, message)
    return Fatal(kind, message)


def from_exception(error: BaseException) -> Trouble:
    """Return what a failed connection means.

    Args:
        error: The HTTP library's exception; told apart by name, as the library is the client's own
            affair.
    """
    cause = error.__cause__ or error
    name = type(cause).__name__
    if name == "ConnectError":
        return Trouble("connection refused", _first_line(cause), gone=True)
    if name == "ConnectTimeout":
        return Trouble("no connection in time", gone=True)
    if "Timeout" in name:
        return Trouble("time-out")
    return Trouble("connection lost", _first_line(cause) or name)


def _said(body: bytes) -> tuple[str, str]:
    """Return message and code of an error's body, whatever its form."""
    try:
        values = from_json(body)
    except ValueError:
        text = " ".join(body[:400].decode("utf-8", "replace").split())
        return text[:200], ""
    return error_in(values) or (str(values)[:200], "")


def error_in(values: object) -> tuple[str, str] | None:
    """Return message and code of the error that a JSON reply holds, None if it holds none."""
    if not isinstance(values, dict):
        return None
    error = values.get("error") or (values if values.get("object") == "error" else None)
    if error is None and isinstance(values.get("detail"), str | list):
        error = str(values["detail"])
    if isinstance(error, str):
        return " ".join(error.split())[:300], ""
    if not isinstance(error, dict):
        return None
    text = " ".join(str(error.get("message") or error).split())
    return text[:300], str(error.get("code") or error.get("type") or "")


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [""])[0][:200]
