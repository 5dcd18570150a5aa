r"""What comes back: the JSON of a completion or chat completion, as generations.

{"choices": [{"index": 0, "text": " 2+3=5\n#### 5", "finish_reason": "stop"}],
 "usage": {"prompt_tokens": 9, "completion_tokens": 11}}

A prompt is billed once for all samples of a request, so its tokens stand at the first of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pydantic_core import from_json

from cotkd.decoding.finish import how_it_ended
from cotkd.decoding.generation import FinishReason, Generation, failed
from cotkd.rationales.message import fields_of, joined
from cotkd.rationales.trace import split_trace
from cotkd.teachers.openai.trouble import Trouble, error_in

_CHARACTERS_PER_TOKEN = 4
_MISSING = object()


class Choice(NamedTuple):
    """One sample as the server wrote it."""

    text: str
    reasoning: str | None
    finish: str
    tokens: int | None
    """Generated tokens, where the server lists them."""
    token_ids: tuple[int, ...]
    logprob: float | None


class Reply(NamedTuple):
    """All samples of one request, and what they cost."""

    choices: tuple[Choice, ...]
    prompt_tokens: int
    completion_tokens: tuple[int, ...]
    """Of each choice; their sum is what the server counts."""

    @property
    def answer_tokens(self) -> int:
        """Tokens of all choices."""
        return sum(self.completion_tokens)


def read_reply(data: bytes, headers: Mapping[str, str], *, n: int, prompt_characters: int) -> Reply:
    """Read the body of a successful answer to a request for `n` samples.

    Raises:
        Trouble: it is no answer, or holds no sample.
    """
    values = _values(data, headers)
    found = values.get("choices")
    usage = values.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    prompt, completion = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    usable = [c for c in found if isinstance(c, dict)] if isinstance(found, list) else []
    usable.sort(key=lambda c: c["index"] if isinstance(c.get("index"), int) else 0)
    choices = [choice for one in usable[:n] if (choice := _choice(one)) is not None]
    if not choices:
        error = error_in(values)
        if error is not None:
            raise Trouble("error in an answer", error[0])
        raise _none_usable(usable, billed=(prompt or 0, completion or 0))
    if prompt is None:
        prompt = prompt_characters // _CHARACTERS_PER_TOKEN
    return Reply(tuple(choices), prompt, _per_choice(choices, completion))


def _none_usable(choices: Sequence[dict[str, Any]], *, billed: tuple[int, int]) -> Trouble:
    """Return what is wrong with a reply without a usable sample."""
    for choice in choices:
        reason = choice.get("finish_reason")
        if how_it_ended(reason) == "broken":
            said = error_in(choice)
            why = f"{reason}: {said[0]}" if said else str(reason)
            return Trouble("broken off", why, billed=billed)
    return Trouble("no choices", billed=billed)


def _values(data: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    kind = headers.get("content-type", "").partition(";")[0].strip()
    try:
        values = from_json(data)
    except ValueError:
        if "json" not in kind:
            start = " ".join(data[:80].decode("utf-8", "replace").split())
            raise Trouble("wrong content type", f"{kind or 'none'}, beginning {start!r}") from None
        raise Trouble("broken JSON", f"{len(data)} bytes") from None
    if not isinstance(values, dict):
        raise Trouble("broken JSON", f"{type(values).__name__} instead of an object")
    return values


def _choice(values: dict[str, Any]) -> Choice | None:
    """Return one choice, or None if it is none or was broken off by the server."""
    message = values.get("message")
    message = message if isinstance(message, dict) else {"content": values.get("text", _MISSING)}
    content = message.get("content")
    finish = values.get("finish_reason")
    if not isinstance(content, str | list | None) or how_it_ended(finish) == "broken":
        return None
    reasoning, text = fields_of(message)
    if not text.strip() and message.get("refusal"):
        finish = "refusal"
    ids = values.get("token_ids")
    ids = tuple(ids) if isinstance(ids, list) else ()
    logprobs = _logprobs(values.get("logprobs"))
    tokens = len(ids) or (len(logprobs) if logprobs is not None else None)
    return Choice(
        text=text,
        reasoning=reasoning,
        finish=str(finish or "stop"),
        tokens=tokens,
        token_ids=ids,
        logprob=sum(logprobs) if logprobs is not None else None,
    )


def _logprobs(values: object) -> list[float] | None:
    """Return the log-probability of each token, from the form of either API."""
    if not isinstance(values, dict):
        return None
    listed = values.get("token_logprobs")
    if listed is None and isinstance(values.get("content"), list):
        listed = [one.get("logprob") for one in values["content"] if isinstance(one, dict)]
    if not isinstance(listed, list) or not all(isinstance(v, float | int) for v in listed):
        return None
    return [float(value) for value in listed]


def _count(usage: dict[str, Any], name: str) -> int | None:
    value = usage.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _per_choice(choices: Sequence[Choice], total: int | None) -> tuple[int, ...]:
    """Return the tokens of each choice; without any count, by the length of its text."""
    listed = [choice.tokens for choice in choices]
    lengths = [len(choice.text) + len(choice.reasoning or "") for choice in choices]
    if total is None:
        guessed = [-(-length // _CHARACTERS_PER_TOKEN) for length in lengths]
        return tuple(g if t is None else t for g, t in zip(guessed, listed, strict=True))
    weights = lengths if None in listed else [t for t in listed if t is not None]
    return tuple(apportion(total, weights))


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """Return whole parts of `total` in proportion to the weights, which add up to it exactly.

    apportion(10, [3, 3, 4])     [3, 3, 4]
    apportion(10, [1, 1, 1])     [4, 3, 3]: largest remainders, then the first
    """
    if not any(weights):
        weights = [1] * len(weights)
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for place in by_remainder[: total - sum(parts)]:
        parts[place] += 1
    return parts


def generations(
    reply: Reply, *, stop: Sequence[str], opened: bool, seeds: Sequence[Any]
) -> list[Generation]:
    """Return the samples of a reply.

    Args:
        reply: What the server wrote.
        stop: Texts that end a sample; some servers leave them in.
        opened: The prompt may have ended within a thinking trace.
        seeds: What each was drawn from, see `Generation.seed`.
    """
    made = []
    for place, choice in enumerate(reply.choices):
        ended: FinishReason = "stop" if how_it_ended(choice.finish) == "finished" else "length"
        within = opened and ended == "length" and choice.reasoning is None
        trace = split_trace(choice.text, opened=within)
        generation = Generation(
            text=_before(trace.answer, stop),
            token_ids=choice.token_ids,
            finish_reason=ended,
            prompt_tokens=reply.prompt_tokens if place == 0 else 0,
            logprob=choice.logprob,
            completion_tokens=reply.completion_tokens[place],
            reasoning=joined(choice.reasoning, trace.reasoning),
            seed=seeds[place],
        )
        if how_it_ended(choice.finish) == "withheld":
            spent = generation.prompt_tokens, generation.completion_tokens
            generation = failed(f"the server withheld the answer ({choice.finish})")._replace(
                prompt_tokens=spent[0], completion_tokens=spent[1]
            )
        made.append(generation)
    return made


def _before(text: str, stop: Sequence[str]) -> str:
    """Return the text before the first stop string."""
    places = [place for mark in stop if mark and (place := text.find(mark)) >= 0]
    return text[: min(places)] if places else text
