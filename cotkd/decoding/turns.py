r"""Prompts that grow from turn to turn: a row that has replied goes on with its next one at once.

    turns = Turns(model, tokenizer)
    turns({0: "P\nq1 **", 1: "R\nq1 **"}, sampling, lambda row, reply: None)

`follow` is told each reply and returns the row's next prompt, or None where it is done. No row
waits for the slowest of its turn: there is one decode loop, in which rows that have replied are
gathered and read on together when they are worth a pass.

A prompt is tokenised whole. Of its ids those that the row holds already, of its last prompt and its
own reply, are not read again. A row therefore reads the ids that it would read alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

import torch
from torch import Tensor

from cotkd.decoding import BATCH_TOKENS, generate
from cotkd.decoding.generation import Generation
from cotkd.decoding.loop import Decoder, evaluating, padding_token
from cotkd.decoding.sampling import Sampling
from cotkd.decoding.slots import Slots, has_slots
from cotkd.decoding.text import decode_completions

Follow = Callable[[int, Generation], str | None]

AT_ONCE = 128
"""Rows held at the same time, with what the model has read of them."""
_BATCH_TOKENS = BATCH_TOKENS // 2
_SHARE = 4
"""A pass of reading is worth it for one in so many rows."""


class Turns:
    """A model that is asked again and again, many rows at once."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self._model, self._tokenizer = model, tokenizer
        self.kept = has_slots(model)
        """Whether rows keep what was read; else every prompt is read anew, in rounds."""

    def __call__(
        self,
        prompts: Mapping[int, str],
        sampling: Sampling,
        follow: Follow,
        *,
        opening: str = "",
        at_once: int = AT_ONCE,
    ) -> None:
        """Continue every row's prompts greedily until `follow` has no next one.

        Args:
            prompts: The first of each row.
            sampling: Temperature 0 and the most tokens of a reply.
            follow: Is told a row's number and reply, and returns its next prompt.
            opening: What an encoder-decoder's replies are made to begin with.
            at_once: Rows held at the same time.
        """
        assert sampling.temperature == 0, "turns are decoded greedily"
        with evaluating(self._model):
            if self.kept and prompts:
                self._loop(prompts, sampling.max_tokens, follow, at_once)()
                return
        going = dict(prompts)
        while going:
            found = generate(
                self._model,
                self._tokenizer,
                list(going.values()),
                sampling=sampling,
                batch_tokens=_BATCH_TOKENS,
                opening=opening,
            )
            after = {row: follow(row, one) for row, one in zip(going, found, strict=True)}
            going = {row: prompt for row, prompt in after.items() if prompt is not None}

    def _loop(
        self, prompts: Mapping[int, str], max_tokens: int, follow: Follow, at_once: int
    ) -> _Loop:
        decoder = Decoder(self._model, self._tokenizer)
        loop = _Loop(decoder, max_tokens, follow)
        encoded = decoder.encode(list(prompts.values()))
        rows = sorted(zip(prompts, encoded, strict=True), key=lambda row: -len(row[1]))
        ready = [loop.take(_Row(number), ids) for number, ids in rows]
        loop.fresh.extend(row for row in ready if row is not None)
        longest = max(map(len, encoded)) + max_tokens
        slots = max(1, min(at_once, _BATCH_TOKENS // longest, len(prompts)))
        loop.open(slots, padding_token(self._model, self._tokenizer))
        return loop


@dataclass(eq=False)
class _Row:
    """One dialogue: what its slot holds, what it reads next, and its reply so far."""

    number: int
    held: list[int] = field(default_factory=list)
    prompt: list[int] = field(default_factory=list)
    reply: list[int] = field(default_factory=list)
    limit: int = 0

    @property
    def shared(self) -> int:
        """How many ids of the prompt the slot holds; the last one is always read anew."""
        pairs = zip(self.held, self.prompt[:-1], strict=False)
        return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


class _Loop:
    """Slots in order: rows that are writing, then rows that have a prompt to read."""

    def __init__(self, decoder: Decoder, max_tokens: int, follow: Follow) -> None:
        self._decoder, self._max_tokens, self._follow = decoder, max_tokens, follow
        self._ends = frozenset(decoder.end_tokens)
        self.fresh: deque[_Row] = deque()
        """Rows that have no slot yet."""
        self._rows: list[_Row] = []
        self._live = 0

    def open(self, slots: int, pad: int) -> None:
        """Make room for rows."""
        self._most = slots
        self._slots = Slots(self._decoder.model, slots, pad=pad)
        self._tokens = torch.empty(0, dtype=torch.long, device=self._decoder.model.device)

    def __call__(self) -> None:
        """Go on until no row has anything to say."""
        while self._rows or self.fresh:
            waiting = len(self._rows) - self._live
            free = min(self._most - len(self._rows), len(self.fresh))
            if not self._live or (waiting + free) * _SHARE >= len(self._rows) + free:
                self._read(free)
            else:
                self._add(0, self._slots.step(self._tokens))

    def take(self, row: _Row, prompt: list[int] | None) -> _Row | None:
        """Give a row its next prompt; None where it is done. What does not fit has failed."""
        while prompt is not None:
            failure = self._decoder.refused(len(prompt))
            if failure is None:
                row.prompt, row.reply = prompt, []
                row.limit = self._decoder.limit(len(prompt), self._max_tokens)
                return row
            text = self._follow(row.number, failure)
            prompt = None if text is None else self._decoder.encode([text])[0]
        return None

    def _read(self, free: int) -> None:
        """Have rows that wait, and `free` new ones, read their prompts and write a first token."""
        first, known = self._live, len(self._rows)
        self._rows += [self.fresh.popleft() for _ in range(free)]
        self._live = len(self._rows)
        logits = []
        for start, stop in ((first, known), (known, self._live)):
            if start < stop:
                rows = self._rows[start:stop]
                shared = [row.shared for row in rows]
                ids = [row.prompt[count:] for row, count in zip(rows, shared, strict=True)]
                logits.append(self._slots.read(start, ids, shared))
        self._add(first, torch.cat(logits))

    def _add(self, first: int, logits: Tensor) -> None:
        """Write a token in the rows from `first` on; those that end with it leave the others."""
        chosen = logits.argmax(dim=-1)
        self._tokens = torch.cat([self._tokens[:first], chosen])
        done = []
        for place, token in enumerate(chosen.tolist(), start=first):
            row = self._rows[place]
            row.reply.append(token)
            if token in self._ends or len(row.reply) >= row.limit:
                done.append(place)
        if done:
            self._finish(done)

    def _finish(self, done: list[int]) -> None:
        """Move rows that have replied behind the others, and those that are done out."""
        ended = [self._rows[place] for place in done]
        going = self._replied(ended)
        order = list(range(len(self._rows)))
        for place in reversed(done):
            self._live -= 1
            order[place], order[self._live] = order[self._live], order[place]
        leaving = [row not in going for row in ended]
        gone = {place for place, leaves in zip(done, leaving, strict=True) if leaves}
        for place in range(len(order) - 1, self._live - 1, -1):
            if order[place] in gone:
                order[place] = order[-1]
                order.pop()
        self._slots.arrange(order)
        self._rows = [self._rows[source] for source in order]
        self._tokens = self._tokens[order[: self._live]]

    def _replied(self, rows: list[_Row]) -> list[_Row]:
        """Tell what rows have said; return those that go on, with their next prompts."""
        completions = [row.reply for row in rows]
        tokenizer, prompts = self._decoder.tokenizer, [row.prompt for row in rows]
        texts = decode_completions(tokenizer, prompts, completions)
        asked: list[tuple[_Row, str]] = []
        for row, text in zip(rows, texts, strict=True):
            reply = Generation(
                text=text,
                token_ids=tuple(row.reply),
                finish_reason="stop" if row.reply[-1] in self._ends else "length",
                prompt_tokens=len(row.prompt),
            )
            row.held = row.prompt + row.reply[:-1]
            if (further := self._follow(row.number, reply)) is not None:
                asked.append((row, further))
        encoded = self._decoder.encode([text for _, text in asked])
        taken = [self.take(row, ids) for (row, _), ids in zip(asked, encoded, strict=True)]
        return [row for row in taken if row is not None]
