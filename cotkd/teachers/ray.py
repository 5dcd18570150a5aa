"""Kind `ray`: another teacher in many processes, on as many machines as a Ray cluster has.

    RayTeacher(teacher=TransformersTeacher(model="Qwen/Qwen3-8B"), workers=8, gpus=1)

Sampling becomes a Ray Data job over actors, each of which opens the teacher once and completes
whole batches; Ray schedules them, starts dead ones again and repeats what they were at. The rows
come back to this process, which alone writes them, into the shards that the teacher itself would
write: a run may be begun with one worker and finished with eight.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, ClassVar, Literal

from pydantic import Field

from cotkd.decoding.generation import Generation
from cotkd.decoding.sampling import Sampling
from cotkd.errors import EngineError, MissingDependency, SettingError
from cotkd.teachers.base import Engine, Request, RequestStream, Teacher, load_teacher
from cotkd.types import Completion, Question

JOB = 4096
"""Batches of one Ray Data job; their questions are in memory at a time."""


class RayTeacher(Teacher):
    """A teacher in many processes."""

    title: ClassVar[str] = "another engine in many processes or machines, through Ray Data"

    kind: Literal["ray"] = "ray"
    teacher: Teacher
    """Who is asked; each worker opens it."""
    workers: int = Field(2, ge=1)
    """Processes at a time."""
    cpus: float = Field(1.0, ge=0)
    """Cores that Ray reserves for each worker."""
    gpus: float = Field(0.0, ge=0)
    """GPUs that Ray reserves for each worker; a fraction lets workers share one."""
    address: str | None = None
    """A running cluster, e.g. `auto`; by default the one that is connected, or this machine."""

    def open(self) -> RayEngine:
        """Connect to the cluster, or start one on this machine."""
        if self.teacher.kind in ("ray", "pool", "scripted"):
            raise SettingError(f"ray cannot spread kind {self.teacher.kind!r}: name its teacher")
        return RayEngine(self)


class RayEngine(Engine):
    """A cluster whose workers hold the teacher; this process holds no model."""

    whole_batches = True

    def __init__(self, settings: RayTeacher) -> None:
        self._settings = settings
        self._ray = _ray()
        self._started = not self._ray.is_initialized()
        if self._started:
            self._ray.init(
                address=settings.address,
                num_cpus=None if settings.address else self._cores(),
                log_to_driver=False,
                include_dashboard=False,
                logging_level="ERROR",
            )
        self._planner: Any = None
        facts = self._ask_planner("facts")
        self.name, self._identity = facts["name"], facts["identity"]
        self.parameters, self.abilities = facts["parameters"], facts["abilities"]
        self.fixed_text = facts["fixed_text"]

    @property
    def identity(self) -> str:
        """That of the teacher: who works in parallel writes the same stream."""
        return str(self._identity)

    def batches(self, requests: Sequence[Request], sampling: Sampling) -> list[list[int]]:
        """Return the teacher's own plan, made by a worker."""
        return [list(batch) for batch in self._ask_planner("batches", list(requests), sampling)]

    def complete(self, requests: Sequence[Request], sampling: Sampling) -> list[Generation]:
        """Continue one batch on a single worker."""
        return list(self._ask_planner("complete", list(requests), sampling))

    def spread(
        self, stream: RequestStream, batches: Iterable[list[Request]], *, stop: Callable[[], bool]
    ) -> Iterator[list[list[Completion]]]:
        """Yield the rows of batches as the workers finish them."""
        self._dismiss_planner()
        rest = iter(batches)
        while not stop() and (job := list(islice(rest, JOB))):
            for rows in self._job(stream, job):
                yield [rows]
                if stop():
                    return

    def _job(
        self, stream: RequestStream, batches: Sequence[Sequence[Request]]
    ) -> Iterator[list[Completion]]:
        settings = self._settings
        size = min(settings.workers, len(batches))
        data = self._data(batches).map(
            _Worker,
            fn_constructor_kwargs={"teacher": settings.teacher.dump(), "stream": stream.at(None)},
            compute=self._ray.data.ActorPoolStrategy(size=size),
            num_cpus=settings.cpus,
            num_gpus=settings.gpus,
        )
        try:
            for item in data.iter_rows():
                yield [Completion.model_validate_json(row) for row in json.loads(item["rows"])]
        except self._ray.exceptions.RayError as error:
            raise EngineError(f"ray: {_cause(error)}") from error

    def _data(self, batches: Sequence[Sequence[Request]]) -> Any:
        """Return the job's input: one row, and one block, for each batch."""
        items = [
            {"batch": json.dumps([[_question(one), one.sample_index] for one in batch])}
            for batch in batches
        ]
        context = self._ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        context.print_on_execution_start = False
        return self._ray.data.from_items(items, override_num_blocks=len(items))

    def _ask_planner(self, method: str, *arguments: Any) -> Any:
        """Ask a worker that is kept until the job begins, which needs its place."""
        settings = self._settings
        try:
            if self._planner is None:
                actor = self._ray.remote(_Planner)
                actor = actor.options(num_cpus=settings.cpus, num_gpus=settings.gpus)
                self._planner = actor.remote(settings.teacher.dump())
            return self._ray.get(getattr(self._planner, method).remote(*arguments))
        except self._ray.exceptions.RayError as error:
            raise EngineError(f"ray: {_cause(error)}") from error

    def _dismiss_planner(self) -> None:
        if self._planner is not None:
            self._ray.kill(self._planner)
            self._planner = None

    def _cores(self) -> int:
        """Cores to promise Ray on this machine: all workers must fit, and Ray Data beside them."""
        return max(os.cpu_count() or 1, int(self._settings.workers * self._settings.cpus) + 2)

    def close(self) -> None:
        """Stop the cluster that was started here."""
        self._dismiss_planner()
        if self._started and self._ray.is_initialized():
            self._ray.shutdown()


class _Planner:
    """Opens the teacher to say what it is, to plan batches, and to complete single ones."""

    def __init__(self, teacher: dict[str, Any]) -> None:
        self._engine = load_teacher(teacher)

    def facts(self) -> dict[str, Any]:
        """Return what tells this teacher from others."""
        names = ("name", "identity", "parameters", "abilities", "fixed_text")
        return {name: getattr(self._engine, name) for name in names}

    def batches(self, requests: list[Request], sampling: Sampling) -> list[list[int]]:
        """Return the teacher's plan."""
        return self._engine.batches(requests, sampling)

    def complete(self, requests: list[Request], sampling: Sampling) -> list[Generation]:
        """Continue one batch."""
        return self._engine.complete(requests, sampling)


class _Worker:
    """Opens the teacher once and completes batches."""

    def __init__(self, teacher: dict[str, Any], stream: RequestStream) -> None:
        self._stream = stream.at(load_teacher(teacher))

    def __call__(self, item: dict[str, Any]) -> dict[str, str]:
        """Return the rows of one batch as JSON."""
        slots = [(Question.model_validate_json(q), index) for q, index in json.loads(item["batch"])]
        rows = self._stream.complete([self._stream.request(*slot) for slot in slots])
        return {"rows": json.dumps([row.to_json() for row in rows])}


def _question(request: Request) -> str:
    assert request.question is not None
    return request.question.to_json()


def _cause(error: BaseException) -> str:
    """Return the last line that says what went wrong in a worker."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__


def _ray() -> Any:
    try:
        import ray
        import ray.data
    except ImportError:
        raise MissingDependency("kind ray needs Ray: pip install 'cotkd[ray]'") from None
    return ray
