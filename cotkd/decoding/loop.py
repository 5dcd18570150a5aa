"""The token loop: one batch of prompts from first to last token.

Every decision is taken for all rows at once; Python visits a single row only when it ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from cotkd.decoding import architecture_of
from cotkd.decoding.choice import choose, log_probability
from cotkd.decoding.contrast import Contrasts
from cotkd.decoding.generation import Generation, failed
from cotkd.decoding.paired import PairedSession
from cotkd.decoding.penalty import RepetitionPenalty
from cotkd.decoding.sampling import Sampling
from cotkd.decoding.session import Ids, Session, open_session
from cotkd.decoding.text import StopStrings, decode_completions, encode_prompts
from cotkd.decoding.uniform import seed_array, uniforms

Ints = npt.NDArray[np.int64]


class Batch:
    """The rows of one batch: what each has so far, and which still go on."""

    def __init__(
        self,
        tokenizer: Any,
        prompts: Ids,
        *,
        continues: bool,
        sampling: Sampling,
        seeds: Sequence[int] | None,
        limits: Ints,
        end_tokens: Sequence[int],
        vocabulary: int,
    ) -> None:
        self._continues = continues
        self._tokenizer = tokenizer
        self._prompts = prompts
        self._sampling = sampling
        self._seeds = None if seeds is None else seed_array(seeds)
        self._limits = limits
        self._is_end = np.zeros(vocabulary, dtype=np.bool_)
        self._is_end[[token for token in end_tokens if token < vocabulary]] = True
        self._stops = StopStrings(tokenizer, sampling.stop, vocabulary=vocabulary)
        self._tokens = np.zeros((len(prompts), int(limits.max())), dtype=np.int64)
        self._lengths = np.zeros(len(prompts), dtype=np.int64)
        self._stopped = np.zeros(len(prompts), dtype=np.bool_)
        self._logprobs = np.zeros(len(prompts))
        self.live = np.arange(len(prompts))

    def uniform(self, step: int, device: torch.device) -> Tensor | None:
        """Return this step's uniform number of each live row."""
        if self._seeds is None or self._sampling.temperature == 0:
            return None
        return torch.from_numpy(uniforms(self._seeds[self.live], step)).to(device)

    def add(self, tokens: Ints, logprobs: npt.NDArray[np.float64], step: int) -> Ints | None:
        """Append a token to each live row; return the rows to keep, or None if all go on."""
        self._tokens[self.live, step] = tokens
        self._logprobs[self.live] += logprobs
        self._lengths[self.live] = step + 1
        stopped = self._is_end[tokens]
        for place in self._stops.candidates(tokens):
            stopped[place] |= self._holds_stop(self.live[place], step + 1)
        self._stopped[self.live] = stopped
        done = stopped | (self._limits[self.live] <= step + 1)
        if not done.any():
            return None
        keep = _fill_holes(done)
        self.live = self.live[keep]
        return keep

    def _holds_stop(self, row: int, length: int) -> bool:
        texts = self._decode([row], [length])
        return self._stops.cut(texts[0]) is not None

    def _decode(self, rows: Sequence[int], lengths: Sequence[int]) -> list[str]:
        completions = [self._tokens[r, :n].tolist() for r, n in zip(rows, lengths, strict=True)]
        prompts = [self._prompts[row] for row in rows] if self._continues else None
        return decode_completions(self._tokenizer, prompts, completions)

    def generations(self) -> list[Generation]:
        """Return the finished rows in their first order."""
        rows = range(len(self._lengths))
        texts = self._decode(rows, self._lengths.tolist())
        cut = [self._stops.cut(text) if self._stops.stop else None for text in texts]
        return [
            Generation(
                text=texts[row] if cut[row] is None else str(cut[row]),
                token_ids=tuple(self._tokens[row, : self._lengths[row]].tolist()),
                finish_reason="stop" if self._stopped[row] else "length",
                prompt_tokens=len(self._prompts[row]),
                logprob=float(self._logprobs[row]),
            )
            for row in rows
        ]


def _fill_holes(done: npt.NDArray[np.bool_]) -> Ints:
    """Return the rows to keep, the last ones moved into the places of those that are done."""
    left = int((~done).sum())
    keep = np.arange(left)
    keep[np.flatnonzero(done[:left])] = left + np.flatnonzero(~done[left:])
    return keep


class Decoder:
    """A model with what decoding must know about it: end tokens, padding, context length."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.architecture = architecture_of(model)
        self.context: int | None = getattr(model.config, "max_position_embeddings", None)
        self.end_tokens = _end_tokens(model, tokenizer)
        self._pad = padding_token(model, tokenizer)

    def encode(self, prompts: Sequence[str]) -> list[list[int]]:
        """Return the prompts as token ids."""
        return encode_prompts(self.tokenizer, prompts, architecture=self.architecture)

    def __call__(
        self,
        prompts: Ids,
        *,
        sampling: Sampling,
        seeds: Sequence[int] | None = None,
        contrasts: Contrasts | None = None,
        opening: Sequence[int] = (),
    ) -> list[Generation]:
        """Continue tokenised prompts as one batch; those that leave no room become errors."""
        lengths = [len(prompt) for prompt in prompts]
        if contrasts is not None:
            others = map(len, contrasts.prompts)
            lengths = [max(pair) for pair in zip(lengths, others, strict=True)]
        limits = [self.limit(length, sampling.max_tokens, len(opening)) for length in lengths]
        fitting = [row for row, limit in enumerate(limits) if limit > 0]
        results = [self._too_long(length) for length in lengths]
        if not fitting:
            return results
        with evaluating(self.model):
            decoded = self._decode(
                [prompts[row] for row in fitting],
                sampling=sampling,
                seeds=None if seeds is None else [seeds[row] for row in fitting],
                contrasts=None if contrasts is None else contrasts.of(fitting),
                opening=opening,
                limits=np.array([limits[row] for row in fitting], dtype=np.int64),
            )
        for row, generation in zip(fitting, decoded, strict=True):
            results[row] = generation
        return results

    def refused(self, prompt_tokens: int) -> Generation | None:
        """Return the failure of a prompt that leaves no room; None for any other."""
        room = self.limit(prompt_tokens, 1)
        return self._too_long(prompt_tokens) if room <= 0 else None

    def limit(self, prompt_tokens: int, max_tokens: int, opening: int = 0) -> int:
        """Return how many tokens may follow a prompt; none or fewer where it does not fit."""
        if self.context is None:
            return max_tokens
        if self.architecture == "decoder":
            return min(max_tokens, self.context - prompt_tokens)
        return min(max_tokens, self.context - opening) if prompt_tokens <= self.context else 0

    def _too_long(self, prompt_tokens: int) -> Generation:
        return failed(f"prompt of {prompt_tokens} tokens fills the context of {self.context}")

    def _decode(
        self,
        prompts: Ids,
        *,
        sampling: Sampling,
        seeds: Sequence[int] | None,
        contrasts: Contrasts | None,
        opening: Sequence[int],
        limits: Ints,
    ) -> list[Generation]:
        session = self._open(prompts, contrasts, opening, room=int(limits.max()))
        device, vocabulary = session.logits.device, session.logits.shape[-1]
        batch = Batch(
            self.tokenizer,
            prompts,
            continues=self.architecture == "decoder",
            sampling=sampling,
            seeds=seeds,
            limits=limits,
            end_tokens=self.end_tokens,
            vocabulary=vocabulary,
        )
        penalty = RepetitionPenalty(
            sampling.repetition_penalty, session.seen, vocabulary=vocabulary
        )
        for step in range(int(limits.max())):
            scores = session.scores(penalty(session.logits))
            tokens = choose(scores, sampling, batch.uniform(step, device))
            logprobs = log_probability(session.logits, tokens).double().cpu().numpy()
            keep = batch.add(tokens.cpu().numpy(), logprobs, step)
            if keep is not None:
                if not len(keep):
                    break
                rows = torch.from_numpy(keep).to(device)
                tokens = tokens[rows]
                session.keep(rows)
                penalty.keep(rows)
            penalty.add(tokens)
            session.advance(tokens)
        return batch.generations()

    def _open(
        self,
        prompts: Ids,
        contrasts: Contrasts | None,
        opening: Sequence[int],
        *,
        room: int,
    ) -> Session:
        if contrasts is None or contrasts.idle:
            return open_session(self.model, prompts, room=room, pad=self._pad, opening=opening)
        assert not opening, "contrastive decoding has no opening"
        return PairedSession(self.model, prompts, contrasts, room=room, pad=self._pad)


def padding_token(model: Any, tokenizer: Any) -> int:
    """Return the token that fills masked places; any will do where none is named."""
    named = (tokenizer.pad_token_id, getattr(model.config, "pad_token_id", None), 0)
    return next(int(token) for token in named if token is not None)


def _end_tokens(model: Any, tokenizer: Any) -> list[int]:
    """Return the end tokens of model and tokenizer: fine-tuned models end with the latter."""
    configured = model.generation_config.eos_token_id
    tokens = list(configured) if isinstance(configured, (list, tuple)) else [configured]
    return sorted({int(t) for t in [*tokens, tokenizer.eos_token_id] if t is not None})


@contextmanager
def evaluating(model: Any) -> Iterator[None]:
    """Switch dropout and gradients off, and dropout back on afterwards where it was."""
    training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            yield
    finally:
        model.train(training)
