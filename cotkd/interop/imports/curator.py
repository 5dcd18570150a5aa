"""What Bespoke Curator keeps of a run: `responses_N.jsonl` in its cache folder.

    {"response_message": "There are …", "response_errors": null, "finish_reason": "stop",
     "generic_request": {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "…"}],
                         "original_row": {"question": "Ann has …?", "answer": "12"},
                         "original_row_idx": 0, …},
     "token_usage": {"input": 61, "output": 120}, "raw_response": {…}, …}

Rows of the dataset that a run returned are read as well, by the columns of its parse function.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

from cotkd.decoding.finish import how_it_ended
from cotkd.errors import DataError
from cotkd.interop.imports.base import (
    Import,
    Line,
    Recorded,
    field,
    first_of,
    gold_of,
    object_at,
    text_at,
)
from cotkd.rationales.message import fields_of

_QUESTIONS = ("question", "problem", "instruction", "prompt", "text")


class Curator(Import):
    """Responses of Bespoke Curator."""

    title: ClassVar[str] = "responses in a cache folder, or the rows that a run returned"
    source: ClassVar[str] = "Bespoke Curator 0.1"

    kind: Literal["curator"] = "curator"
    question_field: str | None = None
    """Column of the question in the original row; null takes `question`, `problem`, `instruction`
    or `prompt`, else the user's last message."""
    text_field: str | None = None
    """Where the text is; null takes `response_message`, or `response` of returned rows."""
    answer_field: str = "answer"
    """Column of the gold answer or gold solution, where there is one."""

    def files(self, path: Path) -> list[Path]:
        """Return the responses of a cache folder, in order of their number."""
        if not path.is_dir():
            return [path]
        found = sorted(path.glob("responses_*.jsonl"), key=lambda p: (len(p.name), p.name))
        return found or [path]

    def recorded(self, file: Path, lines: Iterator[Line]) -> Iterator[Recorded]:
        """Yield the samples on the lines of a file."""
        for where, row in lines:
            yield self._response(row, where) if "generic_request" in row else self._row(row, where)

    def _response(self, row: Mapping[str, Any], where: str) -> Recorded:
        request = object_at(row, "generic_request", where)
        original = object_at(request, "original_row", where)
        errors = row.get("response_errors")
        text = field(row, self.text_field or "response_message", where)
        usage = row.get("token_usage")
        return Recorded(
            where=where,
            question=self._question(original, where) or _asked(request, where),
            text=_text(text, where),
            teacher=self.teacher or str(request.get("model") or "curator"),
            gold=gold_of(original, self.answer_field),
            finish_reason=_finish(row.get("finish_reason"), failed=text is None),
            prompt_tokens=_count(usage, "input", "prompt_tokens"),
            completion_tokens=_count(usage, "output", "completion_tokens"),
            reasoning=_trace(row.get("raw_response")),
            error="; ".join(map(str, errors or ["no response"])) if text is None else None,
        )

    def _row(self, row: Mapping[str, Any], where: str) -> Recorded:
        question = self._question(row, where)
        if question is None:
            raise DataError(
                f"{where}: no question in {', '.join(_QUESTIONS)}: set --from.question-field"
            )
        text = field(row, self.text_field or "response", where)
        return Recorded(
            where=where,
            question=question,
            text=_text(text, where),
            teacher=self.teacher or "curator",
            gold=gold_of(row, self.answer_field),
            finish_reason=_finish(None, failed=text is None),
            error="no response" if text is None else None,
        )

    def _question(self, row: Mapping[str, Any], where: str) -> str | None:
        if self.question_field is not None:
            return text_at(row, self.question_field, where)
        return first_of(row, _QUESTIONS)


def _asked(request: Mapping[str, Any], where: str) -> str:
    """Return the user's last message."""
    turns = [turn for turn in request.get("messages") or [] if isinstance(turn, Mapping)]
    said = [turn.get("content") for turn in turns if turn.get("role") == "user"]
    if not said or not isinstance(said[-1], str):
        raise DataError(f"{where}: no message of a user: set --from.question-field")
    return str(said[-1])


def _text(value: Any, where: str) -> str:
    if value is not None and not isinstance(value, str):
        raise DataError(
            f"{where}: the response is structured: name its text, such as "
            "--from.text-field response_message.solution"
        )
    return value or ""


def _finish(reason: Any, *, failed: bool) -> Literal["stop", "length", "error"]:
    if failed:
        return "error"
    return "stop" if how_it_ended(reason) == "finished" else "length"


def _count(usage: Any, *names: str) -> int:
    if not isinstance(usage, Mapping):
        return 0
    return next((usage[name] for name in names if isinstance(usage.get(name), int)), 0)


def _trace(raw: Any) -> str | None:
    """Return the thinking trace that a service sent beside the text."""
    choices = raw.get("choices") if isinstance(raw, Mapping) else None
    message = choices[0].get("message") if choices and isinstance(choices[0], Mapping) else None
    if not isinstance(message, Mapping):
        return None
    return fields_of(message)[0]
