r"""Settings of kind `openai`.

The key is read from the environment and is in no setting, file, message or `repr`.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import Field, field_validator

from cotkd.teachers.base import Teacher
from cotkd.teachers.openai.dialects import DialectName

_OURS = frozenset({"messages", "model", "n", "prompt", "seed", "stream"})
_KEY_NAME = re.compile(
    r"api[-_ ]?key|authorization|password|secret|(?:^|[-_])token$|credential|bearer", re.IGNORECASE
)
_KEY = re.compile(r"\s*(?:sk-|Bearer )", re.IGNORECASE)


class ServerSettings(Teacher):
    """Which server is asked for which model, and how; `OpenAITeacher` opens it."""

    model: str = Field(min_length=1)
    """Name that the server gives the model."""
    base_url: str | None = None
    """Where the server is, e.g. `http://127.0.0.1:8000/v1`; by default what the environment
    variable OPENAI_BASE_URL says, else `https://api.openai.com/v1`."""
    api: Literal["auto", "completions", "chat"] = "auto"
    """`completions` continues prompts and `chat` answers conversations, where a plain prompt
    becomes one message of the user; `auto` sends each kind of prompt to its own."""
    dialect: DialectName = "openai"
    """Server software, for what the API itself cannot say: `top_k`, `repetition_penalty`, thinking
    on or off. With `openai` those are refused, and a server's own defaults for them apply."""
    concurrency: int = Field(32, ge=1, le=4096)
    """Requests in flight at most."""
    requests_per_minute: float | None = Field(None, gt=0)
    """Requests sent within any minute at most."""
    tokens_per_minute: float | None = Field(None, gt=0)
    """Tokens, of prompts and of answers, within any minute at most; what a request will take is
    estimated until its answer is there."""
    timeout: float = Field(600.0, gt=0)
    """Seconds from sending a request to the last byte of its answer."""
    retries: int = Field(8, ge=0)
    """Times that one request is asked again before its samples fail, or before sampling stops if
    the server answers no other request either."""
    backoff: float = Field(1.0, gt=0)
    """Seconds before a request is asked again; doubled each time up to a minute, with jitter. A
    server's `Retry-After` goes before it."""
    patience: float = Field(60.0, ge=0)
    """Seconds for which a server may refuse every connection before sampling stops; 5 at most
    where it has never answered."""
    samples_per_request: int = Field(128, ge=1)
    """Samples of one question asked for in one request, whose prompt is then paid for once."""
    seeds: bool = True
    """Send a seed with each request: that of its first sample."""
    logprobs: bool = False
    """Ask for log-probabilities; their sum is a sample's `logprob`."""
    key_variable: str = "OPENAI_API_KEY"
    """Name of the environment variable with the key; servers without keys need none."""
    options: dict[str, Any] = Field(default_factory=dict)
    """More fields of each request, e.g. `{reasoning_effort: low}`; they go before what the sampling
    settings say, and null leaves a field out."""
    served_as: str | None = None
    """Tells these samples from other teachers' in place of the server's address: servers with the
    same name here are one teacher, wherever they move."""

    # no message of these shows the value: it may be a key in the wrong place

    @field_validator("key_variable")
    @classmethod
    def _names_a_variable(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Z_][A-Z0-9_]*", value):
            raise ValueError(
                "takes the NAME of an environment variable (capitals, digits, _), such as "
                "OPENAI_API_KEY, not a key"
            )
        return value

    @field_validator("base_url")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#@]*)?", value):
            raise ValueError(
                "takes http(s)://HOST[:PORT]/PATH without user, password or query, such as "
                "http://127.0.0.1:8000/v1"
            )
        return value.rstrip("/")

    @field_validator("options")
    @classmethod
    def _leaves_our_fields_alone(cls, value: dict[str, Any]) -> dict[str, Any]:
        if ours := sorted(_OURS & set(value)):
            raise ValueError(f"{', '.join(ours)} is set by cotkd itself: leave it out")
        if _holds_key(value):
            raise ValueError("holds a key: keys come from the environment, see key_variable")
        return value


def _holds_key(value: object) -> bool:
    """Whether a name or a value anywhere in it is a key's, as in `{extra_headers: {x-api-key: …}}`.

    Names such as `max_tokens` are no key's.
    """
    if isinstance(value, dict):
        return any(_KEY_NAME.search(str(k)) or _holds_key(v) for k, v in value.items())
    if isinstance(value, list | tuple):
        return any(map(_holds_key, value))
    return isinstance(value, str) and _KEY.match(value) is not None
