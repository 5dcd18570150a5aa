r"""Renders a conversation with a model's own chat template, its thinking mode included.

    ChatTemplate(tokenizer)(Chat((Message("user", "2+3?"),), thinking=True))
     → "<|im_start|>user\n2+3?<|im_end|>\n<|im_start|>assistant\n"

A rendered prompt holds all special tokens itself, so it is encoded without adding any. Templates
switch thinking by `enable_thinking` (Qwen 3, GLM, SmolLM 3) or `thinking` (DeepSeek, Granite);
others always open a trace, and most know none.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal, NamedTuple

from cotkd.errors import SettingError
from cotkd.rationales.trace import opens_trace


class Message(NamedTuple):
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


class Chat(NamedTuple):
    """A prompt for a chat model, which the engine puts into the model's own template."""

    messages: tuple[Message, ...]
    thinking: bool | None = None
    """Whether the template opens a thinking trace; None leaves it to the template."""


class ChatTemplate:
    """The chat template of one tokenizer."""

    def __init__(self, name: str, tokenizer: Any) -> None:
        self._name = name
        self._tokenizer = tokenizer
        self.present = bool(getattr(tokenizer, "chat_template", None))
        self._checked: set[bool] = set()
        self._render = lru_cache(maxsize=4096)(self._rendered)

    def __call__(self, chat: Chat) -> str:
        """Return the text that the model continues with its answer.

        Raises:
            SettingError: the template cannot render these roles, or cannot switch thinking on or
                off as asked.
        """
        if chat.thinking is not None and chat.thinking not in self._checked:
            self._check(chat, chat.thinking)
            self._checked.add(chat.thinking)
        return self._render(chat, chat.thinking)

    def _rendered(self, chat: Chat, thinking: bool | None) -> str:
        from jinja2 import TemplateError

        mode = {} if thinking is None else {"enable_thinking": thinking, "thinking": thinking}
        try:
            text: str = self._tokenizer.apply_chat_template(
                [message._asdict() for message in chat.messages],
                tokenize=False,
                add_generation_prompt=True,
                **mode,
            )
        except (TemplateError, ValueError) as error:
            roles = ", ".join(message.role for message in chat.messages)
            raise SettingError(
                f"teacher {self._name!r}: its chat template refuses a conversation of {roles}"
                f" ({error})"
            ) from None
        return text

    def _check(self, chat: Chat, wanted: bool) -> None:
        text = self._render(chat, wanted)
        if text == self._render(chat, not wanted) and opens_trace(text) != wanted:
            always = "always opens a trace" if opens_trace(text) else "knows no thinking"
            raise SettingError(
                f"teacher {self._name!r}: thinking {str(wanted).lower()} cannot be asked for, its"
                f" chat template {always}: leave `thinking` unset"
            )
