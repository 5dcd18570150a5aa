r"""A completion becomes a rationale: its reasoning without the final answer, and a verdict.

    " Ann has 3*4=<<3*4=12>>12 eggs.\n#### 12"
     → text "Ann has 3*4=<<3*4=12>>12 eggs.", answer "12", verdict correct

The verifier is handed in: it knows where its kind of answer is stated.
"""

from __future__ import annotations

import json
import re
from typing import Literal, Protocol

from cotkd.rationales.message import joined
from cotkd.rationales.text import Reading
from cotkd.rationales.trace import split_trace
from cotkd.types import Completion, Question, Rationale, Verdict


class Judge(Protocol):
    """What is asked of a verifier here."""

    def verify_question(self, text: str, question: Question) -> Verdict:
        """Return the verdict on an answer to `question`."""
        ...

    def locate(self, text: str) -> tuple[int, int] | None:
        """Return start and end of the explicit final-answer statement, or None without one."""
        ...


def parse(
    completion: Completion,
    question: Question,
    *,
    verifier: Judge,
    reasoning: Literal["answer", "trace"] = "answer",
) -> Rationale:
    """Return the rationale of `completion`; a failed sample becomes an unparsed verdict.

    A sample that was cut off before it stated an answer is unparsed as well: a number that it had
    got to is no answer, right or wrong. So is one whose thinking trace never closes. Where the
    teacher was given an answer and states none itself, what it wrote explains that one.

    Args:
        completion: What the teacher wrote.
        question: What it was asked.
        verifier: Reads the answer, always from the answer text.
        reasoning: Whether the reasoning of the answer text becomes the rationale or the thinking
            trace; the other one stands in where it is missing.
    """
    cut = completion.finish_reason == "length"
    completion = apart(completion, opened=cut and reasoning == "trace")
    verdict, texts = _unreadable(completion, question), ("", "")
    if completion.finish_reason != "error":
        place = verifier.locate(completion.text)
        texts = (reasoning_of(completion.text, place), trace_of(completion, verifier))
        ended = completion.finish_reason == "stop"
        if place is None and ended and completion.condition and completion.text.strip():
            verdict = verifier.verify_question(completion.condition, question)
            verdict = verdict.model_copy(update={"reason": "the answer it was given"})
        elif ended or place is not None:
            verdict = verifier.verify_question(completion.text, question)
    first, second = texts if reasoning == "answer" else reversed(texts)
    return Rationale(
        question_id=completion.question_id,
        stream=completion.stream,
        sample_index=completion.sample_index,
        text=first or second,
        answer=verdict.extracted,
        verdict=verdict,
        teacher=completion.teacher,
        elicitation=completion.elicitation,
        condition=completion.condition,
        scores={"truncated": 1.0} if completion.finish_reason == "length" else {},
    )


def apart(completion: Completion, *, opened: bool = False) -> Completion:
    """Return the completion with a thinking trace in its text set apart from the answer.

    Args:
        completion: What the teacher wrote; a trace that came apart stays.
        opened: A text that no mark closes is a trace that was cut off.
    """
    trace = split_trace(completion.text, opened=opened and completion.reasoning is None)
    if trace.closed and trace.reasoning is None:
        return completion
    thought = joined(completion.reasoning, trace.reasoning)
    return completion.model_copy(update={"text": trace.answer, "reasoning": thought})


def _unreadable(completion: Completion, question: Question) -> Verdict:
    """Return the verdict on a sample that failed or was cut off."""
    reason = "cut off before a final answer"
    if completion.finish_reason == "error":
        reason = f"sample failed: {completion.error or 'no reason given'}"
    return Verdict(status="unparsed", expected=question.answer, reason=reason)


def trace_of(completion: Completion, verifier: Judge) -> str:
    """Return the thinking trace, less a final answer that it ends in."""
    trace = (completion.reasoning or "").strip()
    place = verifier.locate(trace)
    if place is None:
        return trace
    closing = _CLOSING.match(trace, place[1])
    at_the_end = closing is not None and closing.end() == len(trace)
    return _before(trace, place[0]) if at_the_end else trace


_REASONING = re.compile(
    r'"(?:reasoning|rationale|explanation|thoughts?|solution)"\s*:\s*("(?:[^"\\]|\\.){0,100000}")'
)
_SENTENCE_START = re.compile(r"(?:[.!?][*\"')\]]{0,3}\s+|\n\s*)")
_CALCULATES = re.compile(r"=|\d\s*[-+*/×÷]\s*\(*\d|\\(?:times|div|cdot|d?frac)\b")
_CONNECTIVE = re.compile(
    r"[\s,;:*$-]*"
    r"(?:\b(?:and|so|thus|hence|therefore|then|which means|that|the|final)\b[\s,;:*$-]*)*\Z",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[.!?\n]")
_TAIL = re.compile(r"[^\d\n.!?]{0,60}[.!?](?=\s|\Z)|[^\d\n.!?]{0,60}(?=\n|\Z)")
"""The rest of a sentence that stated the answer, such as its unit."""
_CLOSING = re.compile(r"[\s.!*_`$\\\])}\"']*")


def reasoning_of(text: str, statement: tuple[int, int] | None) -> str:
    """Return what `text` says apart from its final-answer statement and what runs on after it."""
    reading = Reading(text)
    if text.lstrip()[:1] in "{`" and (field := _REASONING.search(text, reading.start, reading.end)):
        return _decoded(field[1])
    body = text[reading.start : reading.end]
    if statement is None:
        return body.strip()
    start, end = (at - reading.start for at in statement)
    closing = _CLOSING.match(body, end)
    after = closing.end() if closing else end
    one_box = body.startswith("\\boxed{", start) and "boxed{" not in body[start + 7 : end]
    if one_box and _in_a_calculation(body, start):
        # the calculation ends in the box: what stands in it stays
        return body[:start] + body[start + 7 : end] + body[end + 1 :].rstrip()
    if not _ENDS.search(body, end, after) and (tail := _TAIL.match(body, after)):
        after = tail.end()
    return "\n".join(part for part in (_before(body, start), body[after:].strip()) if part)


def _in_a_calculation(text: str, start: int) -> bool:
    """Whether the sentence that ends in the statement at `start` calculates before it."""
    return _CALCULATES.search(text, _sentence_start(text, start), start) is not None


def _before(text: str, start: int) -> str:
    """Return what precedes a statement: whole sentences, and of its own what is no lead-in."""
    if _in_a_calculation(text, start):
        begin = max(0, start - 200)  # no search through a long text
        return (text[:begin] + _CONNECTIVE.sub("", text[begin:start])).strip()
    return text[: _sentence_start(text, start)].strip()


def _sentence_start(text: str, at: int) -> int:
    """Return where the sentence begins that holds position `at`, looking 200 characters back."""
    begin = max(0, at - 200)
    starts = [match.end() for match in _SENTENCE_START.finditer(text, begin, at)]
    if starts:
        return starts[-1]
    return at if begin else 0


def _decoded(literal: str) -> str:
    try:
        return str(json.loads(literal, strict=False)).strip()
    except ValueError:
        return literal[1:-1].strip()
