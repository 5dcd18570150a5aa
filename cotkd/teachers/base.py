r"""Teachers: the settings that say which model answers, and the engine that makes it answer.

    engine = load_teacher("microgsm-teacher")
    engine.complete([Request("Q: 2+3?\nA:", seed=1)], Sampling(max_tokens=64))

An engine sees prompts, not questions: what is asked is decided by an `Elicitation`, what is kept by
`sample`. Engines that look answers up find question and sample number in the request.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Literal, NamedTuple, Protocol, Self

from cotkd.config import Choice
from cotkd.decoding.chat_template import Chat
from cotkd.decoding.generation import Generation
from cotkd.decoding.sampling import Sampling
from cotkd.errors import SettingError
from cotkd.teachers.dispatch import finished
from cotkd.types import Completion, Question

Ability = Literal["chat", "contrast", "repetition_penalty", "score", "seed", "top_k"]
"""What not every engine can do; asking for one that an engine lacks is refused by name."""


_LACKS: dict[Ability, str] = {
    "chat": "has no chat template: use another elicitation, or a chat model",
    "contrast": "cannot decode contrastively: use kind transformers, or the contrastive filter",
    "repetition_penalty": "knows no repetition_penalty: leave it at 1",
    "score": "cannot score given texts: use kind transformers or vllm",
    "seed": "takes no seeds: samples would not be reproducible",
    "top_k": "knows no top_k: leave it at 0",
}


class Contrast(NamedTuple):
    """The other context of contrastive decoding (Wang et al. 2023): the prompt with a wrong answer.

    The next token is chosen by log p(t | prompt) + strength (log p(t | prompt) - log p(t | other)).
    """

    prompt: str
    strength: float
    """Weight of the contrast, λ; 0 leaves the prompt alone."""
    plausibility: float = 0.0
    """Tokens less probable than this share of the most probable one are ruled out; 0 rules out
    none."""


class Request(NamedTuple):
    """One prompt to be continued once."""

    prompt: str
    seed: int
    question: Question | None = None
    """The question behind the prompt, for engines that look answers up."""
    sample_index: int = 0
    chat: Chat | None = None
    """A conversation to be continued instead of `prompt`, which is then empty."""
    contrast: Contrast | None = None
    """What the continuation is contrasted with; all requests of a call agree in its numbers."""


class RequestStream(Protocol):
    """A stream of samples as an engine sees it: what turns a batch of requests into rows."""

    def complete(self, requests: Sequence[Request]) -> list[Completion]:
        """Return the rows of one batch."""

    def request(self, question: Question, index: int) -> Request:
        """Return what is asked for one sample."""

    def at(self, engine: Engine | None) -> RequestStream:
        """Return the same stream, asked of another engine of the same teacher, or of none yet."""


class Engine(ABC):
    """Continues prompts. Opened by a `Teacher`, used as a context manager or closed by hand."""

    name: str
    """Written to every completion as its `teacher`."""
    parameters: int | None = None
    """Number of weights, where it is known."""
    fixed_text: bool = False
    """The engine repeats recorded texts: they are taken as they are, without a follow-up call."""
    abilities: frozenset[Ability] = frozenset()
    """What this engine can do beyond continuing a prompt at a temperature with top-p."""
    concurrency: int = 1
    """Batches asked for at the same time: `complete` is called from as many threads."""
    whole_batches: bool = True
    """A batch that was broken off is asked for again as a whole, because a row's neighbours move
    its last digits; otherwise only the rows that are missing are."""
    members: tuple[tuple[Engine, float], ...] = ()
    """The engines of a pool with their shares of the samples; empty for a single engine."""
    errors: Mapping[str, int] = MappingProxyType({})
    """Attempts that failed and were made again, by kind of error."""

    @property
    def identity(self) -> str:
        """What tells this teacher's samples from another's; part of the stream's name."""
        return self.name

    @abstractmethod
    def batches(self, requests: Sequence[Request], sampling: Sampling) -> list[list[int]]:
        """Return which requests go together: a fixed plan over all of them, each in one batch."""

    @abstractmethod
    def complete(self, requests: Sequence[Request], sampling: Sampling) -> list[Generation]:
        """Continue one batch; a request that fails is a `generation.failed(reason)`.

        Raises:
            EngineError: the engine stopped answering altogether.
        """

    def refuse(self, wanted: Ability) -> None:
        """Raise `SettingError` if this engine lacks an ability."""
        if wanted not in self.abilities and not self.fixed_text:
            raise SettingError(f"teacher {self.name!r}: {type(self).__name__} {_LACKS[wanted]}")

    def spread(
        self, stream: RequestStream, batches: Iterable[list[Request]], *, stop: Callable[[], bool]
    ) -> Iterator[list[list[Completion]]]:
        """Yield the rows of batches as these are finished, in groups of any size and order.

        `stop` is asked before a batch is begun; those under way are finished and handed over.
        """
        return finished(stream.complete, batches, workers=self.concurrency, stop=stop)

    def score(self, prompts: Sequence[str], continuations: Sequence[str]) -> list[list[float]]:
        """Return the log-probability in nats of every token of each continuation."""
        raise SettingError(f"teacher {self.name!r} cannot score given texts: use kind transformers")

    def pieces(self, continuations: Sequence[str]) -> list[list[str]]:
        """Return the text of every token that `score` gives a number for."""
        raise SettingError(f"teacher {self.name!r} cannot score given texts: use kind transformers")

    def close(self) -> None:  # noqa: B027  (most engines hold nothing that outlives them)
        """Free what the engine holds."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Teacher(Choice):
    """Settings of a teacher; `open` returns the engine."""

    title: ClassVar[str] = ""
    """One line for `cotkd engines`."""

    model: str = ""
    """Model name, folder or file, as the kind reads it."""

    def open(self) -> Engine:
        """Load the model, or whatever the kind needs, and return the engine."""
        raise NotImplementedError


def load_teacher(
    teacher: str | Path | Teacher | Mapping[str, Any] | None = None,
    *,
    engine: str = "transformers",
    **settings: Any,
) -> Engine:
    """Open a teacher.

    Args:
        teacher: A model name, folder or file; or ready settings; or None, with `model=` given.
        engine: The kind that reads `teacher` when that is a name; `cotkd engines` lists them.
        settings: Settings of that kind, such as `dtype="bfloat16"`.
    """
    if isinstance(teacher, Teacher):
        if settings:
            raise SettingError(f"settings given twice: {', '.join(settings)} beside a Teacher")
        return teacher.open()
    if isinstance(teacher, str | Path):
        settings = {"model": str(teacher), **settings}
    else:
        settings = {**(teacher or {}), **settings}
    values = {"kind": engine, **settings}
    return Teacher.of(values["kind"]).parse(values).open()


def consecutive(count: int, size: int) -> list[list[int]]:
    """Return `range(count)` in batches of `size`: a plan for engines that do not pad."""
    return [list(range(start, min(start + size, count))) for start in range(0, count, size)]
