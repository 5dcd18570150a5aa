r"""What an engine returns for one prompt, before it becomes a `Completion` row.

Generation(text=" 3*4=<<3*4=12>>12\n#### 12", token_ids=(17, 4, …), finish_reason="stop",
           prompt_tokens=31, logprob=-4.2)
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from cotkd.rationales.trace import split_trace

FinishReason = Literal["stop", "length", "error"]


class Generation(NamedTuple):
    """One continuation of one prompt."""

    text: str
    """Continuation as text, special tokens removed, cut before the first stop string."""
    token_ids: tuple[int, ...] = ()
    """Generated tokens, with the end token or the tokens of the stop string that ended it."""
    finish_reason: FinishReason = "stop"
    prompt_tokens: int = 0
    logprob: float | None = None
    """Sum over `token_ids` of log-probabilities under the unmodified model, in nats."""
    completion_tokens: int | None = None
    """Set by engines that count tokens without returning them."""
    reasoning: str | None = None
    """Thinking trace, where the engine returns it apart from the answer text."""
    error: str | None = None
    seed: int | Literal["request"] | None = "request"
    """What this sample was drawn from: the request's own seed, another, or None where it is not
    known."""

    def apart(self, *, opened: bool = False) -> Generation:
        """Return the generation with the thinking trace in its text set apart from the answer.

        Args:
            opened: The prompt ended within the trace.
        """
        trace = split_trace(self.text, opened=opened)
        return self._replace(text=trace.answer, reasoning=trace.reasoning)

    @property
    def tokens(self) -> int:
        """Number of generated tokens."""
        if self.completion_tokens is not None:
            return self.completion_tokens
        return len(self.token_ids)


def failed(message: str) -> Generation:
    """Return the generation of a sample that could not be made: data, not an exception."""
    return Generation(text="", finish_reason="error", error=message)
