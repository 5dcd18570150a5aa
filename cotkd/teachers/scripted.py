r"""Kind `scripted`: a Python function in the place of a model; the double that tests use.

ScriptedTeacher(answer=lambda request: " 2+3=<<2+3=5>>5\n#### 5").open()
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Literal

from pydantic import Field

from cotkd.decoding.generation import Generation
from cotkd.decoding.sampling import Sampling
from cotkd.errors import SettingError
from cotkd.teachers.base import Engine, Request, Teacher, consecutive

Script = Callable[[Request], str | Generation]


class ScriptedTeacher(Teacher):
    """A function of the request; from Python only."""

    title: ClassVar[str] = "a Python function instead of a model, for tests"

    kind: Literal["scripted"] = "scripted"
    model: str = "scripted"
    """Name written to completions."""
    answer: Script | None = Field(None, exclude=True, repr=False)
    """Returns the text for a request, or a whole `Generation`; what it raises ends the sampling."""
    batch_size: int = Field(16, ge=1)
    """Requests of one batch."""

    def open(self) -> ScriptedEngine:
        """Return the engine."""
        if self.answer is None:
            raise SettingError("a scripted teacher needs a Python function: pass answer=")
        return ScriptedEngine(self.answer, name=self.model, batch_size=self.batch_size)


class ScriptedEngine(Engine):
    """Calls a function once for each request, in the order of the batch."""

    def __init__(self, answer: Script, *, name: str = "scripted", batch_size: int = 16) -> None:
        self.name = name
        self._answer = answer
        self._batch_size = batch_size

    def batches(self, requests: Sequence[Request], sampling: Sampling) -> list[list[int]]:
        """Return consecutive batches."""
        return consecutive(len(requests), self._batch_size)

    def complete(self, requests: Sequence[Request], sampling: Sampling) -> list[Generation]:
        """Return what the function says; words count as tokens."""
        return [self._complete(request) for request in requests]

    def _complete(self, request: Request) -> Generation:
        answer = self._answer(request)
        if isinstance(answer, Generation):
            return answer
        words = len(request.prompt.split())
        return Generation(answer, prompt_tokens=words, completion_tokens=len(answer.split()))
