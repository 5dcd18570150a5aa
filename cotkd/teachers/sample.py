r"""The stage questions -> completions: n samples of each question, each made exactly once.

    sample(questions, "microgsm-teacher", n=4, elicitation="zero_shot_cot", out="runs/a")

One row of `runs/a/samples/STREAM.jsonl`:

    {"question_id": "microgsm-train-00007", "stream": "3f2a9c01d4e5", "sample_index": 2,
     "text": " Ann has 3*4=<<3*4=12>>12 eggs.\nTherefore, the answer is 12.",
     "finish_reason": "stop", "teacher": "microgsm-teacher", "elicitation": "zero_shot_cot",
     "prompt_tokens": 91, "completion_tokens": 24, "logprob": -3.1, "seed": 6105530911853}

The batch plan is made over all requests before the first of them, a finished batch is durable, and
a batch that was broken off is made again as a whole: run it again after any interruption, and the
rows are those of a run that was left alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from cotkd.errors import DataError, SettingError
from cotkd.questions.load import load_questions
from cotkd.store.fingerprint import fingerprint, stream_id
from cotkd.store.run import RunDirectory
from cotkd.store.shard import Shard
from cotkd.teachers.base import Engine, Request, Teacher, load_teacher
from cotkd.teachers.elicitation import Elicitation
from cotkd.teachers.generation import Generation
from cotkd.teachers.progress import SamplingProgress
from cotkd.teachers.sampling import Sampling, sample_seed
from cotkd.types import Completion, Key, Question


def sample(
    questions: str | Path | Sequence[Question],
    teacher: str | Teacher | Engine,
    *,
    n: int = 4,
    sampling: Sampling | None = None,
    elicitation: str | Elicitation = "plain",
    seed: int = 0,
    conditions: Mapping[str, str] | None = None,
    shard: Shard[Completion] | None = None,
    out: str | Path | RunDirectory | None = None,
    progress: bool = True,
    **drawing: Any,
) -> list[Completion]:
    """Ask the teacher `n` times for each question; return rows by question, then by sample number.

    A sample that fails is a row with `finish_reason="error"`.

    Args:
        questions: With distinct ids; or the name of a question set, or a file of them.
        teacher: An open engine, settings of one, or the name of a local model.
        n: Samples of each question; with temperature 0 they are all the same.
        sampling: How tokens are drawn.
        elicitation: How the question is put, by kind or with settings.
        seed: Sample i of a question is drawn from (seed, question id, i) and from nothing else.
        conditions: The answer that a conditioned prompt states, by question id; by default the gold
            answer.
        shard: Rows that are there are not made again; new ones are appended batch by batch.
        out: A run directory, whose shard of this stream is used; a path opens one.
        progress: Show a bar if standard error is a terminal.
        **drawing: Settings of `Sampling` on top of `sampling`, e.g. `temperature=0.7`.

    Raises:
        DataError: two questions share an id.
        SettingError: settings that do not go together.
        EngineError: the teacher stopped answering; what was finished is kept.
    """
    asking = elicitation if isinstance(elicitation, Elicitation) else _elicitation(elicitation)
    sampling = Sampling.parse({**(sampling or Sampling()).dump(), **drawing})
    if isinstance(questions, str | Path):
        questions = load_questions(questions)
    _check(questions, asking, n=n, conditions=conditions)
    with ExitStack() as stack:
        engine = teacher
        if not isinstance(engine, Engine):
            engine = stack.enter_context(load_teacher(engine))
        stream = stream_of(engine, asking, sampling, conditions=conditions)
        if shard is None and out is not None:
            settings = {
                "teacher": engine.identity,
                "elicitation": asking.dump(),
                "sampling": sampling.dump(),
                "seed": seed,
            }
            shard = _shard(out, stream, stack, settings)
        stage = _Stage(engine, asking, sampling, stream, conditions or {})
        return stage.run(questions, n=n, seed=seed, shard=shard, progress=progress)


def stream_of(
    engine: Engine,
    elicitation: Elicitation,
    sampling: Sampling,
    *,
    conditions: Mapping[str, str] | None = None,
) -> str:
    """Return the name of the stream that `sample` writes with these settings."""
    condition = None
    if elicitation.conditioned:
        condition = "gold" if conditions is None else fingerprint(dict(conditions))
    return stream_id(engine.identity, elicitation.dump(), condition, sampling.dump())


class _Job(NamedTuple):
    """One sample to be made."""

    key: Key
    request: Request
    condition: str | None


class _Stage(NamedTuple):
    """What all samples of one call have in common."""

    engine: Engine
    elicitation: Elicitation
    sampling: Sampling
    stream: str
    conditions: Mapping[str, str]

    def run(
        self,
        questions: Sequence[Question],
        *,
        n: int,
        seed: int,
        shard: Shard[Completion] | None,
        progress: bool,
    ) -> list[Completion]:
        jobs = [self._job(q, index, seed) for q in questions for index in range(n)]
        rows = _rows_there(shard, {job.key for job in jobs})
        label = f"{self.engine.name}: {len(questions)} questions x {n}"
        plan = self.engine.batches([job.request for job in jobs], self._first_sampling)
        with SamplingProgress(label, total=len(jobs), done=len(rows), shown=progress) as bar:
            for numbers in plan:
                batch = [jobs[number] for number in numbers]
                if all(job.key in rows for job in batch):
                    continue
                made = [row for row in self._complete(batch) if row.key not in rows]
                if shard is not None:
                    shard.append(made)
                rows.update((row.key, row) for row in made)
                bar.advance(len(made), tokens=sum(row.completion_tokens for row in made))
        return [rows[job.key] for job in jobs]

    @property
    def _first_sampling(self) -> Sampling:
        stop = (*self.sampling.stop, *self.elicitation.stop)
        return self.sampling.model_copy(update={"stop": tuple(dict.fromkeys(stop))})

    def _job(self, question: Question, index: int, seed: int) -> _Job:
        condition = None
        if self.elicitation.conditioned:
            condition = self.conditions.get(question.id)
            if condition is None:
                condition = self.elicitation.condition(question)
        request = self.elicitation.request(
            question,
            seed=sample_seed(seed, question.id, index),
            sample_index=index,
            condition=condition,
        )
        return _Job(Key(question.id, self.stream, index), request, condition)

    def _complete(self, batch: Sequence[_Job]) -> list[Completion]:
        """Return the rows of one batch, second calls included."""
        requests = [job.request for job in batch]
        first = self.engine.complete(requests, self._first_sampling)
        assert len(first) == len(batch), "an engine returns one generation for each request"
        second = self._follow_up(requests, first)
        return [
            self._row(job, one, two) for job, one, two in zip(batch, first, second, strict=True)
        ]

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

    def _row(self, job: _Job, first: Generation, second: Generation | None) -> Completion:
        calls = [first] if second is None else [first, second]
        error = next((call.error for call in calls if call.error is not None), None)
        text = first.text if second is None else self.elicitation.join(first.text, second.text)
        logprobs = [call.logprob for call in calls if call.logprob is not None]
        return Completion(
            **job.key._asdict(),
            text=text if error is None else first.text,
            finish_reason=first.finish_reason if error is None else "error",
            teacher=self.engine.name,
            elicitation=self.elicitation.kind,
            condition=job.condition,
            prompt_tokens=sum(call.prompt_tokens for call in calls),
            completion_tokens=sum(call.tokens for call in calls),
            logprob=sum(logprobs) if len(logprobs) == len(calls) else None,
            seed=job.request.seed,
            reasoning=first.reasoning,
            error=error,
        )


def _elicitation(kind: str) -> Elicitation:
    return Elicitation.parse({"kind": kind})


def _check(
    questions: Sequence[Question],
    elicitation: Elicitation,
    *,
    n: int,
    conditions: Mapping[str, str] | None,
) -> None:
    if n < 1:
        raise SettingError(f"n must be at least 1, got {n}")
    if conditions is not None and not elicitation.conditioned:
        raise SettingError(f"elicitation {elicitation.kind!r} states no answer: drop `conditions`")
    counts = Counter(question.id for question in questions)
    twice = [name for name, count in counts.items() if count > 1]
    if twice:
        raise DataError(f"{len(twice)} question ids occur twice, the first is {twice[0]!r}")


def _rows_there(shard: Shard[Completion] | None, wanted: set[Key]) -> dict[Key, Completion]:
    if shard is None or not len(shard):
        return {}
    return {row.key: row for row in shard.rows() if row.key in wanted}


def _shard(
    out: str | Path | RunDirectory, stream: str, stack: ExitStack, settings: Mapping[str, Any]
) -> Shard[Completion]:
    if not isinstance(out, RunDirectory):
        out = stack.enter_context(RunDirectory.open(out, settings))
    return out.samples(stream)
