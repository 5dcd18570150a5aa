"""How a sample ended, in the words of many servers.

    how_it_ended("end_turn")           finished
    how_it_ended("max_tokens")         cut, as is any reason that is not known
    how_it_ended("network_error")      broken: to be asked for again
    how_it_ended("content_filter")     withheld

A server that says nothing is taken to have finished.
"""

from __future__ import annotations

from typing import Literal

Ended = Literal["finished", "cut", "broken", "withheld"]

_REASONS: dict[Ended, tuple[str, ...]] = {
    "finished": (
        "stop", "end_turn", "eos", "eos_token", "stop_sequence", "stop_token", "stop_string", "end",
        "complete", "completed", "finished", "finish", "done", "normal", "success",
        "finish_reason_stop", "none", "null", "",
    ),
    "broken": (
        "abort", "aborted", "error", "network_error", "connection_error", "server_error",
        "internal_error", "engine_error", "timeout", "timed_out", "cancelled", "canceled", "failed",
        "failure", "overloaded", "unavailable", "insufficient_system_resource",
    ),
    "withheld": (
        "content_filter", "content_filtered", "safety", "recitation", "blocklist", "sensitive",
        "prohibited_content", "guardrail_intervened", "error_toxic", "refusal",
    ),
}  # fmt: skip
_MEANING = {reason: ended for ended, reasons in _REASONS.items() for reason in reasons}


def how_it_ended(reason: object) -> Ended:
    """Return what a finish reason means, whatever its case; None is no reason given."""
    said = "" if reason is None else str(reason).strip().lower().replace("-", "_")
    return _MEANING.get(said, "cut")
