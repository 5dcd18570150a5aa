"""How much text a run reads, writes and trains on: expected, and at most.

What is asked and how often follows from the settings; how long texts become is assumed, see
`Assumptions`, whose values are printed with every estimate.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pydantic import Field

from cotkd.config import Config
from cotkd.errors import UserError
from cotkd.filters.diverse import Diverse
from cotkd.filters.per_question import PerQuestion
from cotkd.methods.base import Method
from cotkd.questions.base import QuestionSource
from cotkd.questions.groups import expand
from cotkd.questions.load import Located, QuestionsConfig, load_questions, locate, suite_of
from cotkd.stages.settings import RunConfig
from cotkd.teachers.elicitation import Elicitation
from cotkd.teachers.elicitation.chat import ChatCot
from cotkd.types import Question

ANY = Question(id="any", text="", answer="1")


class Assumptions(Config):
    """What an estimate takes for granted."""

    characters_per_token: float = Field(4.0, gt=0)
    """Of questions and templates."""
    question_tokens: int = Field(60, ge=1)
    """Of a question whose text is not on this machine; GSM8K's have 59 on average."""
    questions: int = Field(1000, ge=1)
    """Of a set whose size is not known here."""
    rationale_tokens: int = Field(200, ge=1)
    """Of a written solution, unless `max_tokens` cuts it off."""
    traced: float = Field(0.5, gt=0, le=1)
    """Share of `max_tokens` that a model which thinks fills."""
    right: float = Field(0.7, gt=0, le=1)
    """Share of the samples that the filters keep."""
    reading_use: float = Field(0.5, gt=0, le=1)
    """Share of the peak arithmetic that is reached where prompts are read."""
    training_use: float = Field(0.4, gt=0, le=1)
    """Share of the peak arithmetic that is reached in training."""
    bandwidth_use: float = Field(0.6, gt=0, le=1)
    """Share of the peak bandwidth that is reached where tokens are written."""
    layer_seconds: float = Field(0.001, ge=0)
    """Least time of a layer for one token where each is started from Python: kind `transformers`,
    and all students."""
    rows: int = Field(256, ge=1)
    """Samples that vLLM writes at a time."""


class Range(NamedTuple):
    """A number that is expected, and the most it can be."""

    expected: float
    most: float

    def times(self, factor: float) -> Range:
        """Return both, multiplied."""
        return Range(self.expected * factor, self.most * factor)

    def plus(self, other: Range) -> Range:
        """Return both, added."""
        return Range(self.expected + other.expected, self.most + other.most)

    def each(self, other: Range) -> Range:
        """Return so many of another number."""
        return Range(self.expected * other.expected, self.most * other.most)


class Size(NamedTuple):
    """How many questions there are, and how long."""

    number: int
    tokens: float
    exact: bool
    """They were counted, or their publishers state the number."""


class Workload(NamedTuple):
    """What a run does, in texts and tokens."""

    questions: Size
    calls: Range
    """Samples that the teacher is asked for."""
    prompt: float
    """Tokens of one prompt of the teacher."""
    written: Range
    """Tokens that it writes for one."""
    examples: Range
    trained: Range
    """Tokens that one arm is trained on, prompt and target."""
    target: float
    """Share of these that are target."""
    arms: int
    models: int
    """Models that are trained, where a student consists of several."""
    asked: int
    """Questions of all suites together."""
    asked_tokens: float
    """Tokens of one of their prompts."""
    heads: int
    """Ways in which all arms together are asked each of them."""
    answered: Range
    """Tokens of one answer of a student."""


def workload_of(config: RunConfig, assumed: Assumptions) -> Workload:
    """Return what a run of these settings reads, writes and trains on."""
    size = size_of(config.questions, assumed)
    method = config.method
    arms = [method, *filter(None, [config.baseline])]
    per_question = _calls(method, config.samples, assumed)
    written = _written(method.elicitation, config.sampling.max_tokens, assumed)
    calls = per_question.times(size.number)
    examples, trained, target = _training(config, size, written, assumed)
    specs = expand(config.evaluation.suites)
    suites = [size_of(suite_of(spec, config.evaluation)[1], assumed) for spec in specs]
    asked = sum(suite.number for suite in suites)
    mean = sum(suite.number * suite.tokens for suite in suites) / asked if asked else 0.0
    answered = float(min(config.evaluation.max_tokens, assumed.rationale_tokens))
    if method.elicitation.reasoning == "trace":
        answered = assumed.traced * config.evaluation.max_tokens
    return Workload(
        questions=size,
        calls=calls,
        prompt=size.tokens + _template_tokens(method.elicitation, assumed),
        written=written,
        examples=examples,
        trained=trained,
        target=target,
        arms=len(arms),
        models=sum(max(1, len(arm.members)) for arm in arms),
        asked=asked,
        asked_tokens=mean,
        heads=sum(len(arm.heads) for arm in arms),
        answered=Range(answered, config.evaluation.max_tokens),
    )


def size_of(config: QuestionsConfig, assumed: Assumptions) -> Size:
    """Return number and length of questions: counted where they are on this machine."""
    sizes = [_size(one, config, assumed) for one in locate(config)]
    number = sum(size.number for size in sizes)
    tokens = sum(size.number * size.tokens for size in sizes) / number
    exact = all(size.exact for size in sizes)
    return Size(min(number, config.limit or number), tokens, exact=exact)


def _size(found: Located, config: QuestionsConfig, assumed: Assumptions) -> Size:
    if found.source is not None and getattr(found.source, "path", 0) is None:
        stated = _stated(found.source, found.split)
        return Size(stated or assumed.questions, assumed.question_tokens, exact=stated is not None)
    questions = load_questions(config, name=found.name)
    letters = sum(len(question.text) for question in questions)
    return Size(len(questions), letters / len(questions) / assumed.characters_per_token, exact=True)


def _stated(source: QuestionSource, split: str | None) -> int | None:
    """Return the size of a split as the set's own description states it."""
    wanted = re.escape(split or source.default_split)
    text = str(source.source)
    found = re.search(rf"\b{wanted} (\d+)\b", text) or re.search(r"; (\d+)$", text)
    return int(found[1]) if found else None


def _calls(method: Method, samples: int, assumed: Assumptions) -> Range:
    """Return calls per question: later stages are asked only what the first did not get right."""
    expected = most = 0.0
    for asking in method.streams if method.uses_teacher else ():
        stages = len(asking.elicitation.stages)
        expected += samples * (1 + (stages - 1) * (1 - assumed.right))
        most += samples * stages
    return Range(expected, most)


def _written(elicitation: Elicitation, limit: int, assumed: Assumptions) -> Range:
    if isinstance(elicitation, ChatCot) and elicitation.thinking:
        return Range(assumed.traced * limit, limit)
    return Range(min(limit, assumed.rationale_tokens), limit)


def _template_tokens(elicitation: Elicitation, assumed: Assumptions) -> float:
    """Return the tokens that a prompt has beside the question."""
    try:
        return len(elicitation.stages[0].first(ANY)) / assumed.characters_per_token
    except (UserError, ValueError):
        return 0.0


def _training(
    config: RunConfig, size: Size, written: Range, assumed: Assumptions
) -> tuple[Range, Range, float]:
    """Return examples and trained tokens of one arm, and the share of targets among these."""
    method, epochs = config.method, config.training.epochs
    limits = [
        chosen.limit if isinstance(chosen, PerQuestion) else chosen.keep
        for chosen in method.filters
        if isinstance(chosen, PerQuestion | Diverse)
    ]
    sampled = config.samples * len(method.streams)
    if method.uses_teacher:
        most = min([sampled, *limits])
        kept = Range(min(most, sampled * assumed.right), most)
    else:  # the solution that the question comes with
        kept = Range(1, 1)
    rationale = written.expected
    if method.elicitation.reasoning == "answer":
        rationale = min(rationale, assumed.rationale_tokens)
    heads = len(method.heads)
    examples = kept.times(size.number * heads)
    prompt = size.tokens + 1
    each = Range(prompt + rationale / heads, prompt + written.most / heads)
    share = (each.expected - prompt) / each.expected
    if config.training.processed_tokens is not None:
        budget = float(config.training.processed_tokens)
        return examples, Range(budget, budget), share
    return examples, examples.each(each).times(epochs), share
