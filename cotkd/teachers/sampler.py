"""The sampler: which samples of which questions are asked for, in what order, and what was kept.

    with load_teacher("microgsm-teacher") as engine:
        sampler = Sampler(engine, questions, n=8, rows=run.samples, adaptive=Adaptive(correct=2),
                          judge=judge)
        tally = sampler.run()

Samples are asked for in waves. Batches are planned over fixed stretches of a wave, a finished batch
is durable, and what a wave asks for depends only on the rows of the waves before it: run it again
after any interruption, and the rows are those of a run that was left alone.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Protocol

from cotkd.decoding.sampling import Sampling
from cotkd.errors import DataError, SettingError
from cotkd.teachers.adaptive import Adaptive, Judge, Right
from cotkd.teachers.base import Engine, Request
from cotkd.teachers.budget import Budget, Meter
from cotkd.teachers.cache import CompletionCache, wanted
from cotkd.teachers.elicitation import Elicitation
from cotkd.teachers.pool import member_of
from cotkd.teachers.progress import SamplingProgress
from cotkd.teachers.stream import Requests, Slots, Stream, Wave
from cotkd.teachers.tally import Tally
from cotkd.types import Completion, Key, Question

log = logging.getLogger(__name__)

STRETCH = 16_384
"""Samples of a wave over which batches are planned together; another number, other batches."""


class Rows(Protocol):
    """Where rows are kept: a `Shard`, or memory."""

    def append(self, rows: Sequence[Completion]) -> None:
        """Add a batch of rows with new keys."""

    def rows(self) -> Iterator[Completion]:
        """Yield all rows."""

    def __contains__(self, key: tuple[object, ...]) -> bool: ...


class Sampler:
    """Asks for n samples of each question, each made exactly once; settings are those of `sample`.

    Args:
        engine: Who is asked; a pool's members share the samples.
        questions: With distinct ids.
        rows: Returns where the rows of a stream are kept.
        meter: What the samplers of one run share, so that its budget is one for all of them.

    Raises:
        DataError: two questions share an id.
        SettingError: settings that do not go together.
    """

    def __init__(
        self,
        engine: Engine,
        questions: Sequence[Question],
        *,
        n: int,
        rows: Callable[[str], Rows],
        sampling: Sampling | None = None,
        elicitation: Elicitation,
        seed: int = 0,
        conditions: Mapping[str, str] | None = None,
        wrong: Mapping[str, str] | None = None,
        adaptive: Adaptive | None = None,
        judge: Judge | None = None,
        budget: Budget | None = None,
        cache: CompletionCache | None = None,
        progress: bool = True,
        meter: Meter | None = None,
    ) -> None:
        self._given_meter = meter
        self._questions = questions
        self._n = n
        self._rows_of = rows
        self._adaptive = adaptive
        self._budget = budget or Budget()
        self._cache = cache
        self._progress = progress
        members = [one for one, _ in engine.members] or [engine]
        self._shares = [share for _, share in engine.members] or [1.0]
        self._name = engine.name
        self._engines = members
        self._streams = [
            [
                Stream(
                    one,
                    stage,
                    sampling or Sampling(),
                    seed=seed,
                    conditions=conditions,
                    wrong=wrong,
                )
                for one in members
            ]
            for stage in elicitation.stages
        ]
        _check(questions, elicitation, n=n, conditions=conditions)
        self._by_id = {question.id: question for question in questions}
        self._budget.check(one.name for one in members)
        needed = adaptive is not None or len(elicitation.stages) > 1
        if needed and judge is None:
            what = "adaptive sampling" if adaptive else f"elicitation {elicitation.kind!r}"
            raise SettingError(f"{what} needs a judge that tells right samples")
        self._right = Right(judge) if needed and judge is not None else None
        self._asked: list[tuple[Stream, Slots]] = []
        self._opened: dict[str, Rows] = {}
        self.tally = Tally()

    def run(self) -> Tally:
        """Make what is missing.

        Raises:
            EngineError: the teacher stopped answering; what was finished is kept.
        """
        self._meter = self._given_meter or Meter(self._budget)
        self._used_before = self._meter.tokens, self._meter.cost
        self._bar = SamplingProgress(
            f"{self._name}: {len(self._questions)} questions x {self._n}",
            total=len(self._questions) * self._n,
            shown=self._progress,
            priced=bool(self._budget.prices),
        )
        with self._bar:
            try:
                for stage in range(len(self._streams)):
                    if not self._run_stage(stage):
                        self.tally.stopped = self._meter.reached
                        break
            finally:
                self._count_up()
        return self.tally

    @property
    def stream(self) -> str:
        """The stream in which the first teacher is asked first: a name for all of it."""
        return self._streams[0][0].name

    def rows(self) -> list[Completion]:
        """Return the rows that were asked for, by question, then stage, then sample number."""
        places = {question.id: place for place, question in enumerate(self._questions)}
        stages = {one.name: stage for stage, row in enumerate(self._streams) for one in row}
        by_stream: dict[str, set[Key]] = defaultdict(set)
        for stream, slots in self._asked:
            by_stream[stream.name].update(stream.key(*slot) for slot in slots)
        found = [
            row
            for name, keys in by_stream.items()
            for row in self._opened[name].rows()
            if row.key in keys
        ]
        found.sort(key=lambda r: (places[r.question_id], stages[r.stream], r.sample_index))
        return found

    def _run_stage(self, stage: int) -> bool:
        """Ask all waves of one way of asking; return whether it was finished."""
        questions = self._questions
        if stage and self._right is not None:
            right = self._right
            questions = [q for q in questions if not right.count(q.id, stage)]
            self._bar.grow(len(questions) * self._n)
        for wave in self._waves():
            asked = questions
            if self._adaptive and self._right is not None:
                enough, right = self._adaptive.correct, self._right
                asked = [q for q in asked if right.distinct(q.id, stage, wave.start) < enough]
                self.tally.spared += (len(questions) - len(asked)) * len(wave)
                self._bar.grow((len(asked) - len(questions)) * len(wave))
            for stream, slots in self._allot(stage, asked, wave):
                self._asked.append((stream, slots))
                if not self._ask(stream, slots, stage):
                    return False
        return True

    def _waves(self) -> list[range]:
        size = self._adaptive.wave if self._adaptive else self._n
        return [range(at, min(at + size, self._n)) for at in range(0, self._n, size)]

    def _allot(
        self, stage: int, questions: Sequence[Question], wave: range
    ) -> Iterator[tuple[Stream, Slots]]:
        """Share the samples of a wave out among the members of a pool."""
        streams = self._streams[stage]
        if len(streams) == 1:
            return iter([(streams[0], Wave(questions, wave))] if questions else [])
        slots: list[list[tuple[Question, int]]] = [[] for _ in streams]
        places = {question.id: place for place, question in enumerate(self._questions)}
        for question in questions:
            for index in wave:
                number = places[question.id] * self._n + index
                slots[member_of(number, self._shares)].append((question, index))
        return ((stream, own) for stream, own in zip(streams, slots, strict=True) if own)

    def _ask(self, stream: Stream, slots: Slots, stage: int) -> bool:
        """Make what is missing of one stream's samples; return whether all are there."""
        rows = self._open(stream, stage)
        name = stream.name
        missing = [at for at, (q, index) in enumerate(slots) if (q.id, name, index) not in rows]
        self.tally.there += len(slots) - len(missing)
        self._bar.advance(len(slots) - len(missing))
        if missing and self._cache is not None and not stream.engine.fixed_text:
            missing = self._reuse(stream, slots, missing, rows, stage)
        if not missing:
            return True
        batches = self._batches(stream, slots, missing)

        def stop() -> bool:
            return self._meter.reached is not None

        for group in stream.engine.spread(stream, batches, stop=stop):
            made = [row for batch in group for row in batch if row.key not in rows]
            self._keep(rows, made, stage)
            self.tally.made += len(made)
            if self._cache is not None and not stream.engine.fixed_text:
                self._cache.add((row, wanted(self._request(stream, row))) for row in made)
        return all(stream.key(*slots[at]) in rows for at in missing)

    def _batches(
        self, stream: Stream, slots: Slots, missing: Sequence[int]
    ) -> Iterator[list[Request]]:
        """Yield the batches in which samples are missing; whole ones where texts depend on them.

        They are planned for one stretch at a time, when the one before has been handed out: a long
        run that goes on need not plan again what it has finished.
        """
        for number, numbers in groupby(missing, lambda at: at // STRETCH):
            wanting = {at - number * STRETCH for at in numbers}
            stretch = slots[number * STRETCH : (number + 1) * STRETCH]
            if not stream.engine.whole_batches:
                stretch = [stretch[at] for at in sorted(wanting)]
                wanting = set(range(len(stretch)))
            requests = Requests(stream, stretch)
            for batch in stream.engine.batches(requests, stream.sampling):
                if not wanting.isdisjoint(batch):
                    yield [requests[at] for at in batch]

    def _open(self, stream: Stream, stage: int) -> Rows:
        """Return where a stream's rows are; the first time, count those of earlier starts."""
        if stream.name not in self._opened:
            rows = self._opened[stream.name] = self._rows_of(stream.name)
            if self._right is not None or self._budget.counts_rows:
                before = [
                    row
                    for row in rows.rows()
                    if row.question_id in self._by_id and row.sample_index < self._n
                ]
                self._meter.add(before)
                self._judge(before, stage)
        return self._opened[stream.name]

    def _reuse(
        self, stream: Stream, slots: Slots, missing: Sequence[int], rows: Rows, stage: int
    ) -> list[int]:
        """Take over what other runs have sampled; return what is still missing."""
        assert self._cache is not None
        needed = {stream.key(*slots[at]): wanted(stream.request(*slots[at])) for at in missing}
        found = self._cache.find(stream.name, needed)
        if found:
            log.info("%d samples reused from earlier runs", len(found))
            rows.append(found)
            self._judge(found, stage)
            self.tally.reused += len(found)
            self._bar.advance(len(found))
        return [at for at in missing if stream.key(*slots[at]) not in rows]

    def _keep(self, rows: Rows, made: Sequence[Completion], stage: int) -> None:
        rows.append(made)
        self._judge(made, stage)
        self._meter.add(made)
        self.tally.failed += sum(row.finish_reason == "error" for row in made)
        self._bar.advance(
            len(made),
            tokens=sum(row.completion_tokens for row in made),
            cost=self._meter.cost,
            failed=self.tally.failed + sum(sum(one.errors.values()) for one in self._engines),
        )

    def _request(self, stream: Stream, row: Completion) -> Request:
        return stream.request(self._by_id[row.question_id], row.sample_index)

    def _judge(self, rows: Iterable[Completion], stage: int) -> None:
        if self._right is not None:
            for row in rows:
                self._right.add(self._by_id[row.question_id], row, stage)

    def _count_up(self) -> None:
        tokens, cost = self._used_before
        self.tally.tokens, self.tally.cost = self._meter.tokens - tokens, self._meter.cost - cost
        errors: Counter[str] = Counter()
        for engine in self._engines:
            errors.update(engine.errors)
        self.tally.errors = dict(errors)


def _check(
    questions: Sequence[Question],
    elicitation: Elicitation,
    *,
    n: int,
    conditions: Mapping[str, str] | None,
) -> None:
    if n < 1:
        raise SettingError(f"n must be at least 1, got {n}")
    if conditions is not None and not any(stage.conditioned for stage in elicitation.stages):
        raise SettingError(f"elicitation {elicitation.kind!r} states no answer: drop `conditions`")
    counts = Counter(question.id for question in questions)
    twice = [name for name, count in counts.items() if count > 1]
    if twice:
        raise DataError(f"{len(twice)} question ids occur twice, the first is {twice[0]!r}")
