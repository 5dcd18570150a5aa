r"""What is sent: one JSON body for all samples of one prompt.

{"model": "Qwen/Qwen3-8B", "prompt": "Q: 2+3?\nA:", "n": 4, "max_tokens": 512, "temperature": 0.7,
 "top_p": 1.0, "stop": ["\n\nQ:"], "seed": 6105530911853}
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from cotkd.decoding.chat_template import Chat, Message
from cotkd.decoding.sampling import Sampling
from cotkd.errors import SettingError
from cotkd.store.fingerprint import fingerprint
from cotkd.teachers.base import Request
from cotkd.teachers.openai.dialects import DIALECTS
from cotkd.teachers.openai.settings import ServerSettings

_MOST_STOPS = 4
"""Stop strings that the API takes; the engine cuts at all of them itself."""
_OWN_PROMPT = ("prompt", "messages", "seed")


class Body(NamedTuple):
    """One request as it is sent."""

    path: str
    fields: dict[str, Any]
    n: int
    seed: int | None
    max_tokens: int

    @property
    def chat(self) -> bool:
        """Whether messages are answered, rather than a text continued."""
        return "messages" in self.fields

    @property
    def key(self) -> str:
        """What the request has in common with others that differ in the prompt only."""
        common = {k: v for k, v in self.fields.items() if k not in _OWN_PROMPT}
        return fingerprint([self.path, common])

    @property
    def prompt_characters(self) -> int:
        """Length of the prompt."""
        asked = self.fields["messages"] if self.chat else self.fields["prompt"]
        return len(asked) if isinstance(asked, str) else len(json.dumps(asked, ensure_ascii=False))

    @property
    def reply_bytes(self) -> int:
        """More than an honest answer can have: what goes on after it is not read."""
        per_token = 1024 if {"logprobs", "return_token_ids"} & self.fields.keys() else 64
        return 2**20 + self.n * self.max_tokens * per_token + 8 * self.prompt_characters

    def probe(self) -> Body:
        """Return the same request for the shortest prompt there is."""
        short: Any = [{"role": "user", "content": "Hi"}] if self.chat else "Hi"
        return self._replace(fields={**self.fields, "messages" if self.chat else "prompt": short})


def body_of(
    settings: ServerSettings, request: Request, sampling: Sampling, *, n: int, hosted: bool
) -> Body:
    """Return the body that asks for `n` samples of a request's prompt.

    Raises:
        SettingError: the server's dialect has no word for what is asked.
    """
    dialect = DIALECTS[settings.dialect]
    seed = request.seed % 2**dialect.seed_bits if settings.seeds else None
    chat = _conversation(settings, request)
    fields: dict[str, Any] = {"model": settings.model}
    if chat is None:
        fields["prompt"] = request.prompt
    else:
        fields["messages"] = [message._asdict() for message in chat.messages]
    fields |= _drawing(settings, sampling, hosted_chat=hosted and chat is not None)
    if n > 1:
        fields["n"] = n
    if seed is not None:
        fields["seed"] = seed
    if settings.logprobs:
        fields["logprobs"] = 0 if chat is None else True
    if n > 1 and dialect.token_ids:
        fields["return_token_ids"] = True
    fields |= settings.options
    if chat is not None and chat.thinking is not None:
        fields |= _thinking(settings, on=chat.thinking)
    fields = {name: value for name, value in fields.items() if value is not None}
    path = "/completions" if chat is None else "/chat/completions"
    return Body(path, fields, n, seed, sampling.max_tokens)


def _conversation(settings: ServerSettings, request: Request) -> Chat | None:
    if request.chat is not None or settings.api != "chat":
        return request.chat
    return Chat((Message("user", request.prompt),))


def _drawing(settings: ServerSettings, sampling: Sampling, *, hosted_chat: bool) -> dict[str, Any]:
    # api.openai.com knows `max_tokens` of a conversation no longer, other servers know only that
    limit = "max_completion_tokens" if hosted_chat else "max_tokens"
    fields: dict[str, Any] = {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        limit: sampling.max_tokens,
    }
    if sampling.stop:
        many = settings.dialect in ("vllm", "sglang", "llama.cpp")
        fields["stop"] = list(sampling.stop if many else sampling.stop[:_MOST_STOPS])
    return fields | DIALECTS[settings.dialect].drawing(sampling)


def _thinking(settings: ServerSettings, *, on: bool) -> dict[str, Any]:
    if not DIALECTS[settings.dialect].template:
        raise SettingError(
            f"teacher {settings.model!r}: dialect {settings.dialect!r} cannot switch thinking "
            f"{'on' if on else 'off'}: name the server's dialect (vllm, sglang, llama.cpp), or "
            "leave thinking unset and give the server's own field in teacher.options"
        )
    given = settings.options.get("chat_template_kwargs") or {}
    return {"chat_template_kwargs": {**given, "enable_thinking": on, "thinking": on}}
