"""Chat rows: conversations in OpenAI's form, or in that of ShareGPT, with the reply as the sample.

    {"messages": [{"role": "user", "content": "Ann has …?"},
                  {"role": "assistant", "content": "There are …"}], "answer": "12"}
    {"conversations": [{"from": "human", "value": "…"}, {"from": "gpt", "value": "…"}]}

An importer of its own, because a row holds a sample, not only a question: who wants the question
alone names it, `--questions.question-field messages.0.content`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple

from cotkd.decoding.finish import how_it_ended
from cotkd.errors import DataError
from cotkd.interop.imports.base import (
    Import,
    Line,
    Recorded,
    field,
    first_of,
    gold_of,
)
from cotkd.rationales.message import fields_of, holds_text

_CONVERSATIONS = ("messages", "conversations", "conversation", "dialogue")
_USER = {"user", "human", "prompter"}
_ASSISTANT = {"assistant", "gpt", "model", "bot", "chatgpt"}

log = logging.getLogger(__name__)


class _Turn(NamedTuple):
    """Who says what in a conversation."""

    role: str
    text: str | None
    message: Mapping[str, Any]


class Chat(Import):
    """Conversations, as chat models are trained on them."""

    title: ClassVar[str] = "conversations of a user and an assistant"
    source: ClassVar[str] = "OpenAI's `messages`, ShareGPT's `conversations`"

    kind: Literal["chat"] = "chat"
    messages_field: str | None = None
    """Field of the conversation; null takes `messages` or `conversations`, else `prompt` with
    `completion` where both are lists of messages."""
    answer_field: str = "answer"
    """Field of the gold answer or gold solution, such as `reward_model.ground_truth`."""
    turn: Literal["first", "last"] = "first"
    """Which reply of several is the sample, its question being what the user said right before
    it: the first, or, where examples are given as messages, the last."""

    def recorded(self, file: Path, lines: Iterator[Line]) -> Iterator[Recorded]:
        """Yield a sample for each conversation."""
        longer = 0
        for where, row in lines:
            turns = _turns(self._messages(row, where), where)
            replies = [n for n, turn in enumerate(turns) if turn.role == "assistant"]
            longer += len(replies) > 1
            chosen = replies[:1] if self.turn == "first" else replies[-1:]
            yield self._sample(row, turns, chosen[0] if chosen else None, where)
        if longer:
            log.warning(
                "%d conversations have several replies: the %s of each was taken", longer, self.turn
            )

    def _messages(self, row: Mapping[str, Any], where: str) -> Any:
        if self.messages_field is not None:
            return field(row, self.messages_field, where)
        for name in _CONVERSATIONS:
            if row.get(name) is not None:
                return row[name]
        prompt, completion = row.get("prompt"), row.get("completion")
        if isinstance(prompt, list) and isinstance(completion, list):
            return prompt + completion
        raise DataError(
            f"{where}: no conversation in {' or '.join(_CONVERSATIONS)}; fields are: "
            f"{', '.join(row)}: set --from.messages-field"
        )

    def _sample(
        self, row: Mapping[str, Any], turns: Sequence[_Turn], place: int | None, where: str
    ) -> Recorded:
        if place is None:
            raise DataError(
                f"{where}: the conversation has no reply: questions alone are read with "
                "--questions FILE --questions.question-field messages.0.content"
            )
        reply = turns[place]
        failed = reply.text is None
        cut = how_it_ended(row.get("finish_reason")) != "finished"
        return Recorded(
            where=where,
            question=_asked(turns[:place], where),
            text=reply.text or "",
            teacher=self.teacher or str(row.get("model") or "chat"),
            gold=gold_of(row, self.answer_field),
            finish_reason="error" if failed else "length" if cut else "stop",
            reasoning=fields_of(reply.message)[0],
            error="the reply has no text" if failed else None,
        )


def _asked(before: Sequence[_Turn], where: str) -> str:
    """Return what the user said right before a reply, all of it where in several messages."""
    said: list[str] = []
    for turn in reversed(before):
        if turn.role == "assistant":
            break
        if turn.role == "user" and turn.text:
            said.insert(0, turn.text)
    if not said:
        raise DataError(f"{where}: nothing that a user says stands before the reply")
    return "\n\n".join(said)


def _turns(messages: Any, where: str) -> list[_Turn]:
    if not isinstance(messages, list) or not all(isinstance(one, Mapping) for one in messages):
        raise DataError(f"{where}: expected a list of messages, found {str(messages)[:60]!r}")
    return [_Turn(_role(one, where), _text(one, where), one) for one in messages]


def _role(message: Mapping[str, Any], where: str) -> str:
    name = str(first_of(message, ("role", "from", "speaker")) or "").lower()
    if not name:
        raise DataError(f"{where}: a message does not say whose it is: {', '.join(message)}")
    return "user" if name in _USER else "assistant" if name in _ASSISTANT else name


def _text(message: Mapping[str, Any], where: str) -> str | None:
    """Return what a message says; None where it says nothing, as one that calls a tool."""
    content = next((message[name] for name in ("content", "value") if name in message), None)
    if isinstance(content, list):
        if content and not holds_text(content):
            raise DataError(f"{where}: a message has parts that are no text")
        return fields_of(message, content)[1] or None
    if content is not None and not isinstance(content, str):
        raise DataError(f"{where}: a message holds {type(content).__name__}, expected text")
    return content or None
