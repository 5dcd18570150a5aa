"""A stream of samples: one teacher asked in one way, and how its batches become rows."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import overload

from cotkd.decoding.generation import Generation
from cotkd.decoding.sampling import Sampling, sample_seed
from cotkd.store.fingerprint import fingerprint, stream_id
from cotkd.teachers.base import Engine, Request
from cotkd.teachers.elicitation import Elicitation
from cotkd.types import Completion, Key, Question


def stream_of(
    engine: Engine,
    elicitation: Elicitation,
    sampling: Sampling,
    *,
    conditions: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> str:
    """Return the name of the stream that `sample` writes with these settings."""
    condition = None
    if elicitation.conditioned:
        condition = "gold" if conditions is None else fingerprint(dict(conditions))
        if wrong is not None:
            condition += " against " + fingerprint(dict(wrong))
    return stream_id(engine.identity, elicitation.dump(), condition, sampling.dump())


class Stream:
    """One engine, one way of asking, one way of drawing.

    Args:
        engine: Who is asked.
        elicitation: How; of an elicitation with several `stages` each makes a stream.
        sampling: How tokens are drawn.
        seed: Sample i of a question is drawn from (seed, question id, i).
        conditions: The answer that a conditioned prompt states, by question id.
        wrong: Wrong answers by question id, for ways of asking that hold one against another.
    """

    def __init__(
        self,
        engine: Engine,
        elicitation: Elicitation,
        sampling: Sampling,
        *,
        seed: int = 0,
        conditions: Mapping[str, str] | None = None,
        wrong: Mapping[str, str] | None = None,
    ) -> None:
        self._engine: Engine | None = engine
        self.elicitation = elicitation
        stop = (*sampling.stop, *elicitation.stop)
        self.sampling = sampling.model_copy(update={"stop": tuple(dict.fromkeys(stop))})
        self.name = stream_of(engine, elicitation, sampling, conditions=conditions, wrong=wrong)
        self._seed = seed
        self._wrong = wrong
        self._conditions = conditions or {}
        self._refuse()

    @property
    def engine(self) -> Engine:
        """Who is asked."""
        assert self._engine is not None, "a stream that was sent away is asked where it arrives"
        return self._engine

    def at(self, engine: Engine | None) -> Stream:
        """Return the same stream, asked of another engine of the same teacher, or of none yet."""
        moved = copy.copy(self)
        moved._engine = engine
        return moved

    def key(self, question: Question, index: int) -> Key:
        """Return the key of a sample."""
        return Key(question.id, self.name, index)

    def request(self, question: Question, index: int) -> Request:
        """Return what is asked for one sample."""
        return self.elicitation.request(
            question,
            seed=sample_seed(self._seed, question.id, index),
            sample_index=index,
            condition=self._condition(question),
            wrong=self._wrong,
        )

    def complete(self, requests: Sequence[Request]) -> list[Completion]:
        """Return the rows of one batch, second calls included."""
        first = self.engine.complete(requests, self.sampling)
        assert len(first) == len(requests), "an engine returns one generation for each request"
        second = self._follow_up(requests, first)
        return [self._row(*parts) for parts in zip(requests, first, second, strict=True)]

    def _refuse(self) -> None:
        """Refuse at once what the engine could only get wrong later."""
        for ability in sorted(self.elicitation.needs):
            self.engine.refuse(ability)
        if self.sampling.top_k:
            self.engine.refuse("top_k")
        if self.sampling.repetition_penalty != 1:
            self.engine.refuse("repetition_penalty")

    def _condition(self, question: Question) -> str | None:
        if not self.elicitation.conditioned:
            return None
        given = self._conditions.get(question.id)
        return self.elicitation.condition(question) if given is None else given

    def _follow_up(
        self, requests: Sequence[Request], first: Sequence[Generation]
    ) -> list[Generation | None]:
        answers: list[Generation | None] = [None] * len(first)
        asked: dict[int, Request] = {}
        for place, (request, one) in enumerate(zip(requests, first, strict=True)):
            if self.engine.fixed_text or one.error is not None:
                continue
            prompt = self.elicitation.follow_up(request.prompt, one.text)
            if prompt is not None:
                asked[place] = request._replace(prompt=prompt)
        if asked:
            sampling = self.elicitation.follow_up_sampling
            made = self.engine.complete(list(asked.values()), sampling)
            for place, answer in zip(asked, made, strict=True):
                answers[place] = answer
        return answers

    def _row(self, request: Request, first: Generation, second: Generation | None) -> Completion:
        assert request.question is not None
        calls = [first] if second is None else [first, second]
        error = next((call.error for call in calls if call.error is not None), None)
        if request.chat is not None and first.reasoning is None:
            first = first.apart()
        text = first.text
        if second is not None and error is None:
            text = self.elicitation.join(text, second.text)
        logprobs = [call.logprob for call in calls if call.logprob is not None]
        return Completion(
            **self.key(request.question, request.sample_index)._asdict(),
            text=text,
            finish_reason=first.finish_reason if error is None else "error",
            teacher=self.engine.name,
            elicitation=self.elicitation.kind,
            condition=self._condition(request.question),
            prompt_tokens=sum(call.prompt_tokens for call in calls),
            completion_tokens=sum(call.tokens for call in calls),
            logprob=sum(logprobs) if len(logprobs) == len(calls) else None,
            seed=request.seed,
            reasoning=first.reasoning,
            error=error,
        )


Slots = Sequence[tuple[Question, int]]
"""Questions with the number of a sample of each."""


class Wave(Slots):
    """The same sample numbers of all questions, question by question, made when looked at.

    Args:
        questions: Whose samples.
        indices: The numbers of the samples.
    """

    def __init__(self, questions: Sequence[Question], indices: range) -> None:
        self._questions = questions
        self._indices = indices

    @overload
    def __getitem__(self, number: int) -> tuple[Question, int]: ...
    @overload
    def __getitem__(self, number: slice) -> list[tuple[Question, int]]: ...
    def __getitem__(self, number: int | slice) -> tuple[Question, int] | list[tuple[Question, int]]:
        if isinstance(number, slice):
            return [self[at] for at in range(*number.indices(len(self)))]
        if not 0 <= number < len(self):
            raise IndexError(number)
        place, index = divmod(number, len(self._indices))
        return self._questions[place], self._indices[index]

    def __iter__(self) -> Iterator[tuple[Question, int]]:
        return ((question, index) for question in self._questions for index in self._indices)

    def __len__(self) -> int:
        return len(self._questions) * len(self._indices)


class Requests(Sequence[Request]):
    """The requests of a wave, made when they are looked at: a million of them take no memory.

    Args:
        stream: What they belong to.
        slots: Question and sample number of each.
    """

    def __init__(self, stream: Stream, slots: Slots) -> None:
        self._stream = stream
        self._slots = slots

    def key(self, number: int) -> Key:
        """Return the key of the sample that a request makes."""
        return self._stream.key(*self._slots[number])

    @overload
    def __getitem__(self, number: int) -> Request: ...
    @overload
    def __getitem__(self, number: slice) -> list[Request]: ...
    def __getitem__(self, number: int | slice) -> Request | list[Request]:
        if isinstance(number, slice):
            return [self._stream.request(*slot) for slot in self._slots[number]]
        return self._stream.request(*self._slots[number])

    def __len__(self) -> int:
        return len(self._slots)
