r"""A message of a chat model: its thinking trace and its answer, in whatever fields they came.

    {"content": "<think>3*4=12</think>12"}
    {"content": "12", "reasoning_content": "3*4=12"}               or reasoning, thinking, …
    {"content": "12", "reasoning_details": [{"type": "reasoning.text", "text": "3*4=12"}]}
    {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "3*4=12"}]},
                 {"type": "text", "text": "12"}]}

All of them are the trace `3*4=12` and the answer `12`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cotkd.rationales.trace import Trace, split_trace

TRACE_FIELDS = (
    "reasoning_content", "reasoning", "reasoning_details", "thinking", "thinking_blocks",
    "reasoning_text",
)  # fmt: skip
"""Fields in which servers put a trace beside the text; the first that says something counts."""

_THOUGHT_PARTS = ("thinking", "reasoning", "thought", "redacted_thinking", "analysis")
_WORDS = ("text", "thinking", "reasoning", "summary", "content")
"""Fields of a part that hold its words, or further parts."""
_DEPTH = 4
"""How deep parts may lie in parts."""


def split_message(
    message: Mapping[str, Any], content: Any = None, *, opened: bool = False
) -> Trace:
    """Return trace and answer of a message.

    Args:
        message: An object with the trace in one of `TRACE_FIELDS`, if anywhere apart.
        content: Its text or parts; by default its field `content`.
        opened: The prompt ended within the trace, see `split_trace`.
    """
    beside, text = fields_of(message, content)
    trace = split_trace(text, opened=opened and beside is None)
    return trace._replace(reasoning=joined(beside, trace.reasoning))


def fields_of(message: Mapping[str, Any], content: Any = None) -> tuple[str | None, str]:
    """Return the trace that has a field or a part of its own, and the text as it is."""
    content = message.get("content") if content is None else content
    found = [_said(message[name]).strip() for name in TRACE_FIELDS if name in message]
    if isinstance(content, list):
        found.append("\n\n".join(_said(part) for part in content if _is_thought(part)).strip())
        content = "".join(_said(part) for part in content if not _is_thought(part))
    beside = next((said for said in found if said), None)
    return beside, content if isinstance(content, str) else ""


def joined(*traces: str | None) -> str | None:
    """Return the traces of one message together; None where none says anything."""
    return "\n\n".join(trace for trace in traces if trace) or None


def holds_text(value: Any) -> bool:
    """Whether a value is a text, a list of parts of one, or a message."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(p, dict) and "type" in p for p in value)
    return isinstance(value, str) or (isinstance(value, dict) and "content" in value)


def _is_thought(part: Any) -> bool:
    if not isinstance(part, dict):
        return False
    kind = str(part.get("type") or "").partition(".")[0]
    return kind.startswith(_THOUGHT_PARTS) or part.get("thought") is True


def _said(value: Any, depth: int = _DEPTH) -> str:
    """Return the words of a text, a part, or a list of parts."""
    if isinstance(value, str):
        return value
    if depth == 0:
        return ""
    if isinstance(value, list):
        return "".join(_said(part, depth - 1) for part in value)
    if isinstance(value, dict):
        return next((said for name in _WORDS if (said := _said(value.get(name), depth - 1))), "")
    return ""
