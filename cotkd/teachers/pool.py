"""Kind `pool`: several teachers share the samples of one run.

    PoolTeacher(teachers=(TransformersTeacher(model="a"), OpenAITeacher(model="b")), shares=(3, 1))

Which teacher makes sample i of question q depends on their places alone, so that each question is
answered by several. Every row names its own teacher and lies in that teacher's own stream.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from cotkd.decoding.generation import Generation
from cotkd.decoding.sampling import Sampling
from cotkd.errors import SettingError
from cotkd.teachers.base import Engine, Request, Teacher

_GOLDEN = 0x9E3779B97F4A7C15
"""2^64 / golden ratio: its multiples, modulo 2^64, fill any interval evenly."""


class PoolTeacher(Teacher):
    """Several teachers that share the samples."""

    title: ClassVar[str] = "several teachers that share the samples of a run"

    kind: Literal["pool"] = "pool"
    teachers: tuple[Teacher, ...] = Field(min_length=2)
    """Who is asked."""
    shares: tuple[float, ...] | None = None
    """Share of each, in any unit; null shares equally."""

    @model_validator(mode="after")
    def _check_shares(self) -> Self:
        shares = self.shares or ()
        if self.shares is not None and len(shares) != len(self.teachers):
            raise ValueError(f"{len(shares)} shares for {len(self.teachers)} teachers")
        if any(not 0 < share < float("inf") for share in shares):
            raise ValueError(f"shares must be positive numbers, got {list(shares)}")
        return self

    def open(self) -> PoolEngine:
        """Open all teachers."""
        shares = self.shares or (1.0,) * len(self.teachers)
        with ExitStack() as stack:
            engines = [stack.enter_context(teacher.open()) for teacher in self.teachers]
            stack.pop_all()
        names = [engine.identity for engine in engines]
        if len(set(names)) < len(names):
            for engine in engines:
                engine.close()
            raise SettingError(f"pool: one teacher occurs twice: {', '.join(sorted(names))}")
        return PoolEngine(engines, shares)


class PoolEngine(Engine):
    """Open engines with their shares; the sampler asks them one by one."""

    def __init__(self, engines: Sequence[Engine], shares: Sequence[float]) -> None:
        total = sum(shares)
        self.members = tuple((one, s / total) for one, s in zip(engines, shares, strict=True))
        self.name = " + ".join(engine.name for engine in engines)

    @property
    def identity(self) -> str:
        """All members and their shares."""
        return " + ".join(f"{share:.4f} {engine.identity}" for engine, share in self.members)

    def batches(self, requests: Sequence[Request], sampling: Sampling) -> list[list[int]]:
        """Refuse: a batch belongs to one member."""
        raise SettingError(f"teacher {self.name!r} is a pool: ask its members")

    def complete(self, requests: Sequence[Request], sampling: Sampling) -> list[Generation]:
        """Refuse: a batch belongs to one member."""
        raise SettingError(f"teacher {self.name!r} is a pool: ask its members")

    def close(self) -> None:
        """Close all members."""
        for engine, _ in self.members:
            engine.close()


def member_of(number: int, shares: Sequence[float]) -> int:
    """Return which member makes the sample with this running number.

    Over any long stretch of numbers each member's part is its share; `shares` sum to 1.
    """
    at = (number * _GOLDEN % 2**64) / 2**64
    for member, share in enumerate(shares):
        at -= share
        if at < 0:
            return member
    return len(shares) - 1
