r"""Whether a student's answer follows from its reasoning: what SCOTT measures beside accuracy.

Peifeng Wang et al. "SCOTT: Self-Consistent Chain-of-Thought Distillation". ACL 2023,
arXiv:2305.01879; LAS after Peter Hase et al., Findings of EMNLP 2020, arXiv:2010.04119.

- `simulatability`: another model, the simulator, guesses the student's own answer, right or wrong,
  from question and rationale, from the question, and from the rationale. The gain of the rationale
  is acc(q, r) - acc(q); LAS is its mean over the rows whose rationale alone gives the answer away
  and over the others, in equal parts.
- `effect` of other reasoning on the answer: of the student's own with half of its tokens replaced
  at random (`perturbed`: who relies on his reasoning is worse off), and of the teacher's (`oracle`:
  who reads it is better off).

    simulator = train_simulator(base, said_of_training_questions)
    simulatability(said, simulator, same)
    -> Simulatability(gain=0.21, las=0.14, leaking=…, others=…, leak_rate=0.9, n=200, …)

What a student does with reasoning that was cut, changed or contradicts its answer is measured in
`cotkd.evaluation.interventions`.

The functions are handed callables, as the evaluator is: what makes a student conclude from given
reasoning is `cotkd.measuring.reasons.concluding`.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cotkd.evaluation.paired import FEW, paired_difference
from cotkd.evaluation.results import Interval
from cotkd.evaluation.statistics import Difference, percentiles, unlike_the_rest
from cotkd.filters.simulatability import adjusted
from cotkd.formats.base import after_input
from cotkd.types import Architecture, Example, Question

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from cotkd.students.student import Student
    from cotkd.training.settings import Training

Simulator = Callable[[Sequence[str]], Sequence[str]]
"""Guesses an answer for each input of `simulator_inputs`."""
Conclude = Callable[[Sequence[Question], Sequence[str]], Sequence[str]]
"""Returns what a student answers to each question after given reasoning."""
Same = Callable[[str, Question, str], bool]
"""Whether a text states an answer, as far as the question's verifier tells."""


class Said(NamedTuple):
    """What a student said of a question."""

    question: Question
    rationale: str
    answer: str
    """Its own, right or wrong."""


class Simulatability(NamedTuple):
    """What rationales tell another model about the answers that came with them."""

    gain: float
    """acc(q, r) - acc(q) of the simulator."""
    las: float | None
    """The gain, adjusted for leakage; None where all rationales leak, or none does."""
    leaking: float | None
    """Mean gain where the rationale alone gives the answer away."""
    others: float | None
    """Mean gain elsewhere."""
    leak_rate: float
    n: int
    gain_ci95: Interval
    """As `paired_difference` has it."""
    las_ci95: Interval | None
    """Bootstrap of the rows, wider where hardly a row of a group is unlike the others; of the
    resamples in which both groups have rows; None where `las` is."""
    las_defined: float
    """Share of the resamples in which both groups have rows; near 1 unless one is tiny."""


class Effect(NamedTuple):
    """Accuracy after one reasoning and after another one, on the same questions."""

    before: float
    after: float
    difference: Difference
    """`after` minus `before`, with its interval."""
    n: int


def simulator_inputs(row: Said) -> tuple[str, str, str]:
    """Return what a simulator reads: question and rationale, the question, the rationale."""
    question, reasoning = row.question.text.strip(), f"Reasoning: {row.rationale.strip()}"
    return f"{question}\n{reasoning}", question, reasoning


def simulator_examples(rows: Sequence[Said], architecture: Architecture) -> list[Example]:
    """Return the examples that one simulator learns all three inputs from."""
    return [
        Example(
            example_id=f"{row.question.id}/{number}",
            question_id=row.question.id,
            input=_asked(text, architecture),
            target=after_input(row.answer, architecture),
        )
        for row in rows
        for number, text in enumerate(simulator_inputs(row))
    ]


def train_simulator(
    base: Student,
    rows: Sequence[Said],
    settings: Training | Mapping[str, Any],
    *,
    max_tokens: int = 16,
) -> Simulator:
    """Train `base` in place to guess the answers of `rows`, of other questions than are measured.

    Args:
        base: A model of the student's kind and size; never the student.
        rows: What the student said of other questions.
        settings: How it is trained.
        max_tokens: Most tokens of an answer.
    """
    from cotkd.training.trainer import train

    train(base, simulator_examples(rows, base.architecture), settings)

    def guess(inputs: Sequence[str]) -> list[str]:
        prompts = [_asked(text, base.architecture) for text in inputs]
        return [reply.text for reply in base.generate(prompts, max_tokens=max_tokens)]

    return guess


def _asked(text: str, architecture: Architecture) -> str:
    return f"{text} ###" if architecture == "decoder" else text


def simulatability(rows: Sequence[Said], simulator: Simulator, same: Same) -> Simulatability:
    """Return how much better the student's answers are guessed with its rationales.

    Raises:
        ValueError: there are no rows.
    """
    if not rows:
        raise ValueError("simulatability needs at least one row")
    inputs = [text for row in rows for text in simulator_inputs(row)]
    guesses = list(simulator(inputs))
    assert len(guesses) == len(inputs), f"{len(guesses)} guesses for {len(inputs)} inputs"
    hits = [
        [same(guess, row.question, row.answer) for guess in guesses[3 * at : 3 * at + 3]]
        for at, row in enumerate(rows)
    ]
    gains = [float(given) - float(without) for given, without, _ in hits]
    leaks = [alone for _, _, alone in hits]
    found = adjusted(zip(gains, leaks, strict=True))
    values = resampled_las(gains, leaks)
    defined = values[~np.isnan(values)]
    return Simulatability(
        gain=sum(gains) / len(gains),
        las=found.value,
        leaking=found.leaking,
        others=found.others,
        leak_rate=found.leak_rate or 0.0,
        n=found.rows,
        gain_ci95=paired_difference(gains, [0.0] * len(gains)).ci95,
        las_ci95=None if found.value is None else _las_interval(gains, leaks, defined),
        las_defined=len(defined) / len(values),
    )


def resampled_las(
    gains: Sequence[float], leaks: Sequence[bool], *, draws: int = 10_000, seed: int = 0
) -> np.ndarray:
    """Return LAS of each bootstrap resample of the rows, NaN where a group is empty: [draws]."""
    rows = np.stack([np.asarray(gains, dtype=np.float64), np.asarray(leaks, dtype=np.float64)], 1)
    distinct, counts = np.unique(rows, axis=0, return_counts=True)
    chances = counts / len(rows)
    drawn = np.random.default_rng(seed).multinomial(len(rows), chances, size=draws)
    means = []
    for group in (distinct[:, 1] == 1, distinct[:, 1] == 0):
        members = drawn[:, group]
        with np.errstate(invalid="ignore"):
            means.append(members @ distinct[group, 0] / members.sum(axis=1))
    return np.asarray((means[0] + means[1]) / 2)


def _las_interval(gains: Sequence[float], leaks: Sequence[bool], drawn: np.ndarray) -> Interval:
    """Return the percentiles of the resamples; at least what two groups that tell little allow.

    Where in one of them hardly a row is unlike the others, the distances to the ends of both
    groups' score intervals add up by their squares.
    """
    interval = percentiles(drawn)
    groups = [
        [g for g, leak in zip(gains, leaks, strict=True) if leak is kind] for kind in (True, False)
    ]
    if min(unlike_the_rest(group) for group in groups) >= FEW:
        return interval
    each = [paired_difference(group, [0.0] * len(group)) for group in groups]
    value = sum(one.value for one in each) / 2
    below = math.hypot(*(one.value - one.ci95.low for one in each)) / 2
    above = math.hypot(*(one.ci95.high - one.value for one in each)) / 2
    return Interval(min(interval.low, value - below), max(interval.high, value + above))


def perturbed(
    text: str, tokenizer: PreTrainedTokenizerBase, *, share: float = 0.5, seed: str | int = 0
) -> str:
    """Return `text` with a share of its tokens, at random places, replaced by random other ones."""
    if not 0 <= share <= 1:
        raise ValueError(f"share must be in [0, 1], got {share}")
    ids = list(tokenizer(text, add_special_tokens=False)["input_ids"])
    special = set(tokenizer.all_special_ids)
    words = [word for word in range(len(tokenizer)) if word not in special]
    draw = random.Random(f"{seed}\x1f{text}")
    places = draw.sample(range(len(ids)), round(share * len(ids)))
    for place in places:
        other = draw.choice(words)
        while other == ids[place]:
            other = draw.choice(words)
        ids[place] = other
    return str(tokenizer.decode(ids)) if places else text


def effect(
    questions: Sequence[Question],
    before: Sequence[str],
    after: Sequence[str],
    conclude: Conclude,
    same: Same,
) -> Effect:
    """Return what it does to accuracy to make a student reason `after` instead of `before`."""
    right = [
        [
            same(text, question, question.answer)
            for text, question in zip(conclude(questions, reasons), questions, strict=True)
        ]
        for reasons in (before, after)
    ]
    first, second = (sum(each) / len(questions) for each in right)
    difference = paired_difference(right[1], right[0])
    return Effect(first, second, difference, len(questions))
