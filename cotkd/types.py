"""The rows that every stage speaks: frozen, JSON-serialisable, named as on disk.

A row's key is `(question_id, stream, sample_index)`. `stream` is a short hash of teacher,
elicitation, condition and sampling settings, so that several teachers and several ways of
asking live side by side in one run.

    completion = raw model text         rationale = parsed reasoning
    verdict    = right or wrong         filter    = keep or drop

One row of `samples/*.jsonl`:

    {"question_id": "microgsm-train-00007", "stream": "3f2a9c01d4e5", "sample_index": 2,
     "text": " Ann has 3*4=<<3*4=12>>12 eggs.\\n#### 12", "finish_reason": "stop", ...}
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, Protocol

from pydantic import BaseModel, ConfigDict, Field

Status = Literal["correct", "wrong", "unparsed"]
Architecture = Literal["decoder", "encoder-decoder"]
USUAL_ROLE = "text"
"""Role of an example that says nothing else."""


class Row(BaseModel):
    """A frozen record that round-trips through one JSON line."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    def to_json(self) -> str:
        """Return the row as one line of JSON; fields that are `None` are left out."""
        return self.model_dump_json(exclude_none=True)


class Key(NamedTuple):
    """Identifies one sample of one question in one stream."""

    question_id: str
    stream: str
    sample_index: int


class Question(Row):
    """A question with its gold answer, and the gold solution where the source has one."""

    id: str
    text: str
    answer: str
    choices: tuple[str, ...] | None = None
    """Option texts, in order (A), (B), …"""
    rationale: str | None = None
    """Gold solution without its final-answer line."""
    steps: tuple[tuple[str, str], ...] | None = None
    """(sub-question, step text) pairs; the step texts joined by newlines are `rationale`."""
    source: str = ""
    split: str = ""
    meta: dict[str, Any] = Field(default_factory=dict)
    cluster: str | None = None
    """What the question was made from, together with others: a template, or the question that was
    perturbed. Questions of one cluster are not independent of each other."""
    tags: dict[str, str] = Field(default_factory=dict, exclude_if=lambda tags: not tags)
    """What scores are broken down by: `perturbation`, `level`, `steps`, `operations`, …
    (`cotkd.questions.tags.tags_of` adds the last two where they can be derived)."""


class Keyed(Row):
    """A row about one sample."""

    question_id: str
    stream: str
    sample_index: int

    @property
    def key(self) -> Key:
        """The sample's identity, equal to that of the completion."""
        return Key(self.question_id, self.stream, self.sample_index)


class Completion(Keyed):
    """What the teacher wrote for one question, once, word for word."""

    text: str
    finish_reason: Literal["stop", "length", "error"]
    teacher: str
    elicitation: str
    condition: str | None = None
    """The answer the teacher was given, right or wrong; None where it was given none."""
    prompt_tokens: int
    completion_tokens: int
    token_ids: tuple[int, ...] | None = None
    logprob: float | None = None
    """Sum of log-probabilities of the sampled tokens, in nats."""
    seed: int | None = None
    reasoning: str | None = None
    """Thinking trace, where the engine returns it apart from the answer text."""
    error: str | None = None


class Verdict(Row):
    """Right, wrong, or not readable: two failures to parse are never equal."""

    status: Status
    extracted: str | None = None
    """The answer read from the text, normalised; None when unparsed."""
    expected: str | None = None
    """The gold answer, normalised."""
    reason: str = ""
    """Why, in a few words, e.g. `marker ####` or `no number found`."""


class Rationale(Keyed):
    """Reasoning parsed from a completion, with its stated answer and verdict."""

    text: str
    """Reasoning only, without the final-answer statement."""
    answer: str | None = None
    verdict: Verdict
    teacher: str
    elicitation: str
    condition: str | None = None
    scores: dict[str, float] = Field(default_factory=dict)


class Drop(Keyed):
    """A rationale that did not become data: which filter dropped it, and why."""

    filter: str
    reason: str


class TokenValues(Keyed):
    """What a filter's model says of each token of a rationale, for the report to show."""

    tokens: tuple[tuple[str, float], ...]
    """Text and value of each token."""


class Example(Row):
    """One training example as text; tokenisation happens in `formats`."""

    example_id: str
    question_id: str
    stream: str | None = None
    sample_index: int | None = None
    group: str | None = None
    """Examples of one group are kept in one batch (pairs, rankings)."""
    task: str = "answer"
    """Which adapter is trained, and whose tokens the loss is divided by."""
    role: str = Field(USUAL_ROLE, exclude_if=lambda role: role == USUAL_ROLE)
    """Which objectives read it, where a method has several (`cotkd.objectives`)."""
    input: str
    target: str
    weight: float = Field(1.0, ge=0, allow_inf_nan=False)
    loss_spans: tuple[tuple[int, int], ...] | None = None
    """Character ranges of `target` that are trained; None trains all of it and the end token."""
    answer_span: tuple[int, int] | None = None
    """Character range of `target` that truncation never cuts; None: it may cut from the end."""
    agreement: tuple[int, int] | None = None
    """Character range of `target` that the examples of a group are to predict alike; the same text
    in all of them."""
    agreement_weight: float = Field(0.0, ge=0, allow_inf_nan=False)
    """Weight of their divergence there, beside the loss of the tokens."""
    dialogue: str | None = None
    """Examples of one dialogue, in order, go on where the one before ended: a decoder reads what
    they share once."""


class Prediction(Row):
    """A student's (or teacher's) answer to one question of one evaluation suite."""

    question_id: str
    sample_index: int = 0
    text: str
    verdict: Verdict
    suite: str
    trace: tuple[str, ...] | None = None
    """Each reply as it was written, where several turns make up `text`."""
    tokens: int | None = None
    """Tokens written, of all turns; None where they were not counted."""
    finish_reason: Literal["stop", "length", "error"] | None = None
    """`length` where a turn was cut off at the most tokens."""
    logprob: float | None = None
    """Sum of log-probabilities of the written tokens, in nats."""


class Scorer(Protocol):
    """What a filter that weighs texts is handed: a teacher's or a student's log-probabilities."""

    def score(self, prompts: Sequence[str], continuations: Sequence[str]) -> list[list[float]]:
        """Return the log-probability in nats of every token of each continuation."""

    def pieces(self, continuations: Sequence[str]) -> list[list[str]]:
        """Return the text of every token that `score` gives a number for."""
