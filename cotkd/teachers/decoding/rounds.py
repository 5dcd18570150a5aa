r"""Prompts that grow from round to round: what a model has read of a row stays in its cache.

    rounds = Rounds(model, tokenizer)
    rounds.ask({0: "P\nq1 **", 1: "R\nq1 **"}, sampling)       # reads both prompts
    rounds.ask({0: "P\nq1 ** s1\nq2 **"}, sampling)            # reads " s1\nq2 **" alone; 1 is done

A prompt is tokenised whole in every round. Of its ids those that the row's last prompt began with
are in the cache already; what that went on with is masked, the rest is read in one pass for all
rows. A row therefore reads the ids that it would read without a cache.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

import torch
from torch import Tensor

from cotkd.teachers.decoding import BATCH_TOKENS, generate
from cotkd.teachers.decoding.cache import can_join, new_cache
from cotkd.teachers.decoding.loop import Decoder, evaluating, padding_token
from cotkd.teachers.decoding.plan import plan_batches
from cotkd.teachers.decoding.session import DecoderSession, pad_left
from cotkd.teachers.generation import Generation
from cotkd.teachers.sampling import Sampling

Ids = Sequence[int]


class Rounds:
    """The rows of a dialogue with one model, by number."""

    def __init__(self, model: Any, tokenizer: Any, *, batch_tokens: int = BATCH_TOKENS) -> None:
        self._model, self._tokenizer = model, tokenizer
        self._decoder = Decoder(model, tokenizer)
        self._batch_tokens = batch_tokens
        self._parts: list[_Part] = []
        self.kept = self._decoder.architecture == "decoder" and can_join(new_cache(model.config))
        """Whether the cache outlasts a round; else every prompt is read anew."""

    def ask(
        self, prompts: Mapping[int, str], sampling: Sampling, *, opening: str = ""
    ) -> dict[int, Generation]:
        """Continue each row's prompt, greedily; rows that are not asked any more are forgotten."""
        assert sampling.temperature == 0, "rounds are decoded greedily"
        if not self.kept:
            found = generate(
                self._model,
                self._tokenizer,
                list(prompts.values()),
                sampling=sampling,
                batch_tokens=self._batch_tokens,
                opening=opening,
            )
            return dict(zip(prompts, found, strict=True))
        ids = dict(zip(prompts, self._decoder.encode(list(prompts.values())), strict=True))
        answers = {
            row: failure
            for row, each in ids.items()
            if (failure := self._decoder.refused(len(each))) is not None
        }
        asked = {row: each for row, each in ids.items() if row not in answers}
        with evaluating(self._model):
            self._read(asked, sampling.max_tokens)
            for part in self._parts:
                found = self._decoder.resume(
                    part.session.branch(room=sampling.max_tokens), part.read, sampling=sampling
                )
                answers |= zip(part.rows, found, strict=True)
        return {row: answers[row] for row in prompts}

    def _read(self, asked: Mapping[int, Ids], room: int) -> None:
        """Bring every part up to its rows' prompts; rows without a part begin a new one."""
        known: set[int] = set()
        for part in self._parts:
            part.go_on(asked, room=room)
            known |= set(part.rows)
        self._parts = [part for part in self._parts if part.rows]
        fresh = [row for row in asked if row not in known]
        lengths = [len(asked[row]) + 2 * room for row in fresh]
        pad = padding_token(self._model, self._tokenizer)
        for places in plan_batches(lengths, batch_tokens=self._batch_tokens):
            rows = [fresh[place] for place in places]
            read = [list(asked[row]) for row in rows]
            session = GrowingSession(self._model, read, room=room, pad=pad)
            self._parts.append(_Part(rows, read, session, pad))


class _Part:
    """Rows that share a batch, and what the cache holds of each."""

    def __init__(
        self, rows: list[int], read: list[list[int]], session: GrowingSession, pad: int
    ) -> None:
        self.rows, self.read, self.session, self._pad = rows, read, session, pad

    def go_on(self, asked: Mapping[int, Ids], *, room: int) -> None:
        """Drop rows that are not asked, and read what is new in the others' prompts."""
        places = [place for place, row in enumerate(self.rows) if row in asked]
        if not places:
            self.rows = []
            return
        device = self.session.logits.device
        if len(places) < len(self.rows):
            self.session.keep(torch.tensor(places, device=device))
        self.rows = [self.rows[place] for place in places]
        before = [self.read[place] for place in places]
        self.read = [list(asked[row]) for row in self.rows]
        shared = [_shared(old, new) for old, new in zip(before, self.read, strict=True)]
        fresh = [new[count:] for new, count in zip(self.read, shared, strict=True)]
        ids, real = pad_left(fresh, pad=self._pad, device=device)
        self.session.extend(ids, real, torch.tensor(shared, device=device), room=room)


def _shared(old: Ids, new: Ids) -> int:
    """Return how many ids both begin with; the last one of `new` is always read anew."""
    pairs = zip(old, new[:-1], strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


class GrowingSession(DecoderSession):
    """A session that takes in further tokens, a different number for each row."""

    def extend(self, ids: Tensor, real: Tensor, shared: Tensor, *, room: int) -> None:
        """Keep the first `shared` [rows] tokens of each row and append `ids` [rows, width].

        Args:
            ids: Padded on the left.
            real: Which of them are no padding.
            shared: Tokens of each row that stay; later ones are masked from now on.
            room: Tokens that will be appended at most.
        """
        before = self._mask[:, : self._length]
        before = before & (before.cumsum(dim=1) <= shared.unsqueeze(1))
        ahead = torch.ones(len(ids), room, dtype=torch.bool, device=ids.device)
        self._mask = torch.cat([before, real, ahead], dim=1)
        self._length += ids.shape[1]
        mask = self._mask[:, : self._length]
        self._padded = True
        self._position = mask.sum(dim=1, keepdim=True)
        positions = (mask.cumsum(dim=1) - 1).clamp_(min=0)[:, -ids.shape[1] :]
        self.logits = self._forward(ids, positions, mask, self._cache)[:, -1].float()

    def branch(self, *, room: int) -> GrowingSession:
        """Return a copy to decode in; this one stays where it is."""
        rows = torch.arange(len(self.logits), device=self.logits.device)
        return self.fork(rows, room=room)
