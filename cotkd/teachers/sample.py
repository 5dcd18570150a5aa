r"""The stage questions -> completions: n samples of each question, each made exactly once.

    sample(questions, "microgsm-teacher", n=4, elicitation="zero_shot_cot", out="runs/a")

One row of `runs/a/samples/STREAM.jsonl`:

    {"question_id": "microgsm-train-00007", "stream": "3f2a9c01d4e5", "sample_index": 2,
     "text": " Ann has 3*4=<<3*4=12>>12 eggs.\nTherefore, the answer is 12.",
     "finish_reason": "stop", "teacher": "microgsm-teacher", "elicitation": "zero_shot_cot",
     "prompt_tokens": 91, "completion_tokens": 24, "logprob": -3.1, "seed": 6105530911853}

How it goes about it, and what makes it safe to interrupt, is in `sampler`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from cotkd.decoding.sampling import Sampling
from cotkd.questions.load import load_questions
from cotkd.store.memory import HeldRows
from cotkd.store.run import RunDirectory
from cotkd.store.shard import Shard
from cotkd.teachers.adaptive import Adaptive, Judge
from cotkd.teachers.base import Engine, Teacher, load_teacher
from cotkd.teachers.budget import Budget
from cotkd.teachers.cache import CompletionCache
from cotkd.teachers.elicitation import Elicitation
from cotkd.teachers.sampler import Rows, Sampler
from cotkd.teachers.stream import stream_of
from cotkd.types import Completion, Question

__all__ = ["sample", "stream_of"]

log = logging.getLogger(__name__)


def sample(
    questions: str | Path | Sequence[Question],
    teacher: str | Teacher | Engine,
    *,
    n: int = 4,
    sampling: Sampling | None = None,
    elicitation: str | Elicitation = "plain",
    seed: int = 0,
    conditions: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
    shard: Shard[Completion] | None = None,
    out: str | Path | RunDirectory | None = None,
    adaptive: Adaptive | None = None,
    judge: Judge | None = None,
    budget: Budget | None = None,
    cache: CompletionCache | None = None,
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
        wrong: Wrong answers by question id, for elicitation `contrastive` with `against: sample`.
        shard: Rows that are there are not made again; new ones are appended batch by batch.
        out: A run directory, whose shards are used; a path opens one.
        adaptive: Stop asking a question that has enough right answers; needs `judge`.
        judge: Names the reasoning of a right sample and returns None for a wrong one; elicitations
            with a back-off need it too.
        budget: Stop early; the rows made so far are returned, with a warning.
        cache: Take over samples of other runs, e.g. `teachers.cache.default_cache()`.
        progress: Show the live line.
        **drawing: Settings of `Sampling` on top of `sampling`, e.g. `temperature=0.7`.

    Raises:
        DataError: two questions share an id.
        SettingError: settings that do not go together.
        EngineError: the teacher stopped answering; what was finished is kept.
    """
    asking = elicitation
    if not isinstance(asking, Elicitation):
        asking = Elicitation.parse({"kind": asking})
    sampling = Sampling.parse({**(sampling or Sampling()).dump(), **drawing})
    if isinstance(questions, str | Path):
        questions = load_questions(questions)
    with ExitStack() as stack:
        engine = teacher
        if not isinstance(engine, Engine):
            engine = stack.enter_context(load_teacher(engine))
        settings = {
            "teacher": engine.identity,
            "elicitation": asking.dump(),
            "sampling": sampling.dump(),
            "seed": seed,
        }
        sampler = Sampler(
            engine,
            questions,
            n=n,
            rows=_rows(shard, out, stack, settings),
            sampling=sampling,
            elicitation=asking,
            seed=seed,
            conditions=conditions,
            wrong=wrong,
            adaptive=adaptive,
            judge=judge,
            budget=budget,
            cache=cache,
            progress=progress,
        )
        tally = sampler.run()
        if tally.stopped:
            log.warning("sampling stopped at the budget of %s: the rows are not all", tally.stopped)
        return sampler.rows()


def _rows(
    shard: Shard[Completion] | None,
    out: str | Path | RunDirectory | None,
    stack: ExitStack,
    settings: Mapping[str, Any],
) -> Callable[[str], Rows]:
    """Return where the rows of each stream are kept."""
    if shard is not None:
        return lambda _: shard
    if out is None:
        held: dict[str, HeldRows] = {}
        return lambda stream: held.setdefault(stream, HeldRows())
    if not isinstance(out, RunDirectory):
        out = stack.enter_context(RunDirectory.open(out, settings))
    return out.samples
